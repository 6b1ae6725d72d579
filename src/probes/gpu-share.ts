import { isAlive } from './process-files.ts';
import type { GpuReading } from './nvidia-smi.ts';

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

/**
 * What the processes of a tree have of the GPUs.
 *
 * A tree of which the driver tells nothing uses none only where its word can be trusted: where it tells of processes that are seen
 * from here too, or where no GPU is at work. In a container it may tell none, or the host's numbers: then nothing is known.
 */
export function gpuShareOf(
  { devices, processes }: GpuReading,
  pids: ReadonlySet<number>,
  isSeen: (pid: number) => boolean = isAlive,
): GpuShare {
  const uses = devices.map(({ utilizationPercent }) => utilizationPercent).filter((percent) => percent !== null);
  const busiestPercent = uses.length === 0 ? null : Math.max(...uses);
  const unknown = { ...unknownGpuShare, busiestPercent };
  if (processes === null || devices.length === 0) return unknown;
  const own = processes.filter(({ pid }) => pids.has(pid));
  if (own.length > 0)
    return {
      utilizationPercent: highest(own.map(({ index, utilizationPercent }) => [index, utilizationPercent])),
      memoryMb: sumOf(own.map(({ memoryMb }) => memoryMb)),
      busiestPercent,
    };
  const isIdle = devices.every(({ utilizationPercent }) => utilizationPercent === 0);
  const isTrusted = processes.some(({ pid }) => isSeen(pid)) || (processes.length === 0 && isIdle);
  return isTrusted ? { utilizationPercent: 0, memoryMb: 0, busiestPercent } : unknown;
}

/** Of the sums of each GPU the highest, at most a whole one. */
function highest(uses: readonly (readonly [index: number | null, percent: number | null])[]): number | null {
  const byDevice = new Map<number | null, number>();
  for (const [index, percent] of uses) if (percent !== null) byDevice.set(index, (byDevice.get(index) ?? 0) + percent);
  return byDevice.size === 0 ? null : Math.min(100, Math.max(...byDevice.values()));
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
