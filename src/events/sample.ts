import { z } from 'zod';

/** `null` is "could not be measured", never 0. */
const measured = z.number().nullable();

export const sampleSchema = z.object({
  /** Resident memory of the whole process tree, in MB of 2^20 bytes. */
  memoryMb: measured,
  /** Of one core: 200 is two cores busy. */
  cpuPercent: measured,
  /** The tree's own share of the GPU, 0 to 100. */
  gpuUtilizationPercent: measured,
  gpuMemoryMb: measured,
});

/** What an evaluation's process tree uses, at one moment. */
export type Sample = z.infer<typeof sampleSchema>;

export const usageSchema = z.object({
  /** From `evaluation:start` to the answer or the kill. This and the other times are `null` where nobody was left to measure them. */
  wallMs: measured,
  cpuMs: measured,
  /** Of one core while it ran, 0 to 1 and above. */
  cpuShare: measured,
  peakMemoryMb: measured,
  /** From the spawn to `evaluation:start`. */
  startMs: measured,
  pausedMs: measured,
  queuedMs: measured,
  /** From the answer or the kill to the last process's end. */
  goneMs: measured,
  /** By how much the training was slower while it ran, in percent, as the last that was known; absent where that could not be told. */
  trainingImpactPercent: z.number().optional(),
});

/** What one evaluation took, from its request to its last process's end. */
export type Usage = z.infer<typeof usageSchema>;
