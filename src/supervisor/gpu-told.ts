import type { GpuReading } from '../probes/index.ts';

/** What one question has brought: a reading, or why there is none. */
export type GpuAnswer = { readonly reading: GpuReading } | { readonly why: string };

/** What the probe tells the supervisor, and in how many milliseconds it will have something to tell again. */
export type GpuTold = GpuAnswer & { readonly againInMs: number };

/** Somebody who can be asked about GPUs. */
export interface GpuSource {
  /** How long it rests after an answer with figures. */
  readonly everyMs: number;
  /** Never rejects. */
  readonly ask: () => Promise<GpuAnswer>;
}

/** Whether anything in it was measured. */
export function hasFigures({ devices, processes }: GpuReading): boolean {
  return (
    devices.some(({ utilizationPercent, memoryUsedMb }) => utilizationPercent !== null || memoryUsedMb !== null) ||
    (processes ?? []).some(({ utilizationPercent, memoryMb }) => utilizationPercent !== null || memoryMb !== null)
  );
}
