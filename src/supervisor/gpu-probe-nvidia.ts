import {
  AskedProgram,
  nvidiaSmiArguments,
  readNvidiaSmi,
  type FailedCall,
  type NvidiaSmiOutput,
} from '../probes/index.ts';
import { clipped } from '../words/index.ts';
import { askingMark } from './gpu-asking.ts';
import { hasFigures, type GpuAnswer, type GpuSource } from './gpu-told.ts';

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
    const devices = await program.printed(nvidiaSmiArguments.devices, tells('devices'));
    // Not every driver and every user is told of processes.
    const memory = await program.printed(nvidiaSmiArguments.memory, tells('memory')).catch(() => null);
    const use = await program.printed(nvidiaSmiArguments.use, tells('use')).catch(() => null);
    const reading = readNvidiaSmi({ devices, memory, use });
    if (reading.devices.length === 0) return { why: 'nvidia-smi names no GPU' };
    return hasFigures(reading) ? { reading } : { why: `nvidia-smi tells no figures${inPlaceOfFigures(devices)}` };
  } catch (error) {
    return { why: `nvidia-smi: ${(error as Error).message}` };
  }
}

/** It has answered all, and warns: that a GPU's infoROM is corrupted, say. */
const warns = 14;

/** Whether a call that has failed has answered: by a warning, or by rows that stand before the error, as where one GPU of some is lost. */
function tells(what: keyof NvidiaSmiOutput): (failed: FailedCall) => boolean {
  return ({ stdout, code }) => {
    if (code === warns) return true;
    const { devices, processes } = readNvidiaSmi({ ...nothing, [what]: stdout });
    return (what === 'devices' ? devices : (processes ?? [])).length > 0;
  };
}

const nothing: NvidiaSmiOutput = { devices: '', memory: null, use: null };

/** The driver's own words, as `[GPU requires reset]`. */
function inPlaceOfFigures(devices: string): string {
  const words = new Set(devices.match(/\[[^\]\n]*\]/g));
  return words.size === 0 ? '' : `: ${clipped([...words].join(', '), 200)}`;
}
