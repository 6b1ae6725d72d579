import { execFile } from 'node:child_process';
import { nvidiaSmiArguments, readNvidiaSmi } from '../probes/index.ts';
import type { GpuAnswer, GpuSource } from './gpu-told.ts';

const patienceMs = 4_000;

/** NVIDIA's driver, through its program. */
export const nvidia: GpuSource = { everyMs: 1_000, ask };

async function ask(): Promise<GpuAnswer> {
  try {
    const devices = await printed(nvidiaSmiArguments.devices);
    // Not every driver and every user is told of processes.
    const memory = await printed(nvidiaSmiArguments.memory).catch(() => null);
    const use = await printed(nvidiaSmiArguments.use).catch(() => null);
    const reading = readNvidiaSmi({ devices, memory, use });
    return reading.devices.length > 0 ? { reading } : { why: 'nvidia-smi names no GPU' };
  } catch (error) {
    return { why: `nvidia-smi: ${(error as Error).message}` };
  }
}

/** What one call has printed; rejects where the driver fails or does not answer. */
function printed(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: patienceMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 20, windowsHide: true } as const;
    const child = execFile('nvidia-smi', [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else
        reject(
          new Error(
            error.killed === true ? `it did not answer within ${patienceMs / 1000} s` : firstLine(stdout, error),
          ),
        );
    });
    // One that not even SIGKILL ends, inside the driver, is not waited for.
    setTimeout(() => {
      child.stdout?.destroy();
      reject(new Error('it hangs in the driver'));
    }, patienceMs + 500).unref();
  });
}

function firstLine(stdout: string, error: Error): string {
  return (stdout.trim().split('\n')[0] ?? '') || (error.message.split('\n')[1] ?? error.message);
}
