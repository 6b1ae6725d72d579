import { isAlive } from './process-files.ts';
import type { GpuDevice, GpuProcess, GpuReading } from './nvidia-smi.ts';

/** What a process tree has of the GPUs. */
export interface GpuShare {
  /** 0 to 100, of the GPU that it uses most. */
  readonly utilizationPercent: number | null;
  /** On all of them. */
  readonly memoryMb: number | null;
  /** The use of the busiest GPU by everybody. */
  readonly busiestPercent: number | null;
}

export const unknownGpuShare: GpuShare = { utilizationPercent: null, memoryMb: null, busiestPercent: null };

/** A card at rest has so much in use for itself, and no more; whoever computes on it needs more than that. */
const ownMemoryMb = 32;

/**
 * What the processes of a tree have of the GPUs.
 *
 * A tree of which the driver tells nothing uses none only where its word can be trusted: where it tells of processes that are seen
 * from here too, and not of an MPS server in the place of those for which it computes, or where there is nothing that it could have: no GPU at work, no memory in use. In a container it may tell of none,
 * or the host's numbers: then nothing is known.
 */
export function gpuShareOf(
  { devices, processes }: GpuReading,
  pids: ReadonlySet<number>,
  isSeen: (pid: number) => boolean = isAlive,
): GpuShare {
  const uses = devices.map(({ utilizationPercent }) => utilizationPercent).filter((percent) => percent !== null);
  const busiestPercent = uses.length === 0 ? null : Math.max(...uses);
  if (processes === null || devices.length === 0) return { ...unknownGpuShare, busiestPercent };
  const own = processes.filter(({ pid }) => pids.has(pid));
  if (own.length > 0)
    return {
      utilizationPercent: highest(own.map(({ index, utilizationPercent }) => [index, utilizationPercent])),
      memoryMb: sumOf(own.map(({ memoryMb }) => memoryMb)),
      busiestPercent,
    };
  const isTrusted = processes.some(({ pid }) => isSeen(pid)) && !hidesClients(processes);
  const isNoneOf = (isFree: (device: GpuDevice) => boolean): boolean =>
    isTrusted || (processes.length === 0 && devices.every(isFree));
  return {
    utilizationPercent: isNoneOf(({ utilizationPercent }) => utilizationPercent === 0) ? 0 : null,
    memoryMb: isNoneOf(({ memoryUsedMb }) => memoryUsedMb !== null && memoryUsedMb <= ownMemoryMb) ? 0 : null,
    busiestPercent,
  };
}

function hidesClients(processes: readonly GpuProcess[]): boolean {
  return processes.some(({ mps }) => mps === 'server') && processes.every(({ mps }) => mps !== 'client');
}

/** Of the sums of each GPU the highest, at most a whole one; `null` where a part of them is not known. */
function highest(uses: readonly (readonly [index: number | null, percent: number | null])[]): number | null {
  const byDevice = new Map<number | null, number>();
  for (const [index, percent] of uses) {
    if (percent === null) return null;
    byDevice.set(index, (byDevice.get(index) ?? 0) + percent);
  }
  return Math.min(100, Math.max(...byDevice.values()));
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
