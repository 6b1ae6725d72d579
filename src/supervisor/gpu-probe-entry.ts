// Asks the GPU's driver, again and again, in a process of its own: a driver that hangs holds up nothing else, and this can be killed.
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { nvidiaSmiArguments, readNvidiaSmi, type GpuReading } from '../probes/index.ts';

/** What the probe tells: a reading, or that there was none. */
export type GpuTold = { readonly reading: GpuReading } | { readonly why: string };

const everyMs = 1_000;
const patienceMs = 4_000;
const longestBackOffMs = 60_000;

/** What one call has printed; rejects where the driver fails or does not answer. */
function asked(args: readonly string[]): Promise<string> {
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

async function told(): Promise<GpuTold> {
  try {
    const devices = await asked(nvidiaSmiArguments.devices);
    // Not every driver and every user is told of processes.
    const memory = await asked(nvidiaSmiArguments.memory).catch(() => null);
    const use = await asked(nvidiaSmiArguments.use).catch(() => null);
    const reading = readNvidiaSmi({ devices, memory, use });
    return reading.devices.length > 0 ? { reading } : { why: 'nvidia-smi names no GPU' };
  } catch (error) {
    return { why: `nvidia-smi: ${(error as Error).message}` };
  }
}

process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);

for (let backOffMs = everyMs; process.connected;) {
  const now = await told();
  process.send?.(now, undefined, undefined, () => undefined); // nobody may be there any more
  backOffMs = 'reading' in now ? everyMs : Math.min(longestBackOffMs, backOffMs * 2);
  await wait(backOffMs);
}
