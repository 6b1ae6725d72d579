import { AskedProgram, nvidiaSmiArguments, readNvidiaSmi } from '../probes/index.ts';
import { askingMark } from './gpu-asking.ts';
import type { GpuAnswer, GpuSource } from './gpu-told.ts';

/**
 * NVIDIA's driver, through its program.
 *
 * @param patienceMs for each of the three questions; default 4 000
 */
export function nvidia({ patienceMs = 4_000 }: { readonly patienceMs?: number | undefined } = {}): GpuSource {
  const program = new AskedProgram('nvidia-smi', { patienceMs, mark: askingMark });
  return { everyMs: 1_000, ask: () => ask(program) };
}

async function ask(program: AskedProgram): Promise<GpuAnswer> {
  try {
    const devices = await program.printed(nvidiaSmiArguments.devices);
    // Not every driver and every user is told of processes.
    const memory = await program.printed(nvidiaSmiArguments.memory).catch(() => null);
    const use = await program.printed(nvidiaSmiArguments.use).catch(() => null);
    const reading = readNvidiaSmi({ devices, memory, use });
    return reading.devices.length > 0 ? { reading } : { why: 'nvidia-smi names no GPU' };
  } catch (error) {
    return { why: `nvidia-smi: ${(error as Error).message}` };
  }
}
