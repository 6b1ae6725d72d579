import type { GpuShare } from '../probes/index.ts';

/** What is read of an evaluation's process tree now and then. */
export interface Readings {
  /** Processor milliseconds so far; `null` where they cannot be measured. */
  readonly cpuMs: () => number | null;
  readonly gpu: () => GpuShare;
}
