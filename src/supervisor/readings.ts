import type { GpuShare } from '../probes/index.ts';
import type { GpuProbe } from './gpu-probe.ts';

/** What is read of an evaluation's process tree now and then. */
export interface Readings {
  /** Processor milliseconds so far; `null` where they cannot be measured. */
  readonly cpuMs: () => number | null;
  readonly gpu: () => GpuShare;
  /** How it stands with those who know of the GPU. */
  readonly probe: Pick<GpuProbe, 'missing' | 'isAwaited' | 'readAtMs' | 'why'>;
}

/** Why a part of what the evaluation has of the GPUs is not known, at present. */
export function whyUnknown(
  { missing, readAtMs, why }: Readings['probe'],
  { utilizationPercent, memoryMb }: GpuShare,
): string {
  if (missing !== undefined) return missing;
  if (readAtMs === undefined) return why;
  const isPart = utilizationPercent !== null || memoryMb !== null;
  return isPart ? 'the driver does not tell it' : 'what the driver tells is not of the evaluation’s own processes';
}
