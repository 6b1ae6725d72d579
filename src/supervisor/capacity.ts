import type { Limits } from '../wire/index.ts';

/** What all evaluations of a host may use together. */
export interface CapacityLimits {
  readonly maxProcesses: number;
  readonly totalMemoryMb: number;
}

/** What an evaluation without a limit of its own is counted with. */
const unlimitedMb = 1000;

/** The memory that is set aside for an evaluation: its limit, and all there is where that is more. */
export function reservedMb({ memoryMb = unlimitedMb }: Limits, { totalMemoryMb }: CapacityLimits): number {
  return Math.min(memoryMb, totalMemoryMb);
}

/** An evaluation's limits, none above what all of them may use together. */
export function boundedLimits(limits: Limits, { totalMemoryMb }: CapacityLimits): Limits {
  return limits.memoryMb === undefined ? limits : { ...limits, memoryMb: Math.min(limits.memoryMb, totalMemoryMb) };
}

/** Whether one more fits beside what is there, `inUseMb` of each. */
export function fits(wantedMb: number, inUseMb: readonly number[], capacity: CapacityLimits): boolean {
  const sumMb = inUseMb.reduce((sum, each) => sum + each, 0);
  return inUseMb.length < capacity.maxProcesses && sumMb + wantedMb <= capacity.totalMemoryMb;
}

const leastTotalMb = 256;

/** By default half of what is free, or of the limit that this process itself is under, whichever is less. */
export function defaultTotalMemoryMb(freeBytes: number, constrainedBytes: number | undefined): number {
  // Without a limit Node tells 0, or a number near 2^64.
  const isConstrained = constrainedBytes !== undefined && constrainedBytes > 0 && constrainedBytes < 2 ** 60;
  const bytes = isConstrained ? Math.min(freeBytes, constrainedBytes) : freeBytes;
  return Math.max(leastTotalMb, Math.floor(bytes / 2 / 2 ** 20));
}
