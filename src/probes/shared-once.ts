import { readProc, residentBytes } from './process-files.ts';

interface Sharer {
  readonly pid: number;
  readonly statm: () => string | undefined;
  /** Born so lately that it may not have begun its own program yet. */
  readonly isYoung: boolean;
}

/** The sums over a process's memory, as `smaps_rollup` has them. */
interface Rollup {
  /** From its first address to its last. */
  readonly range: string;
  readonly residentBytes: number;
  /** Each page divided by how many address spaces have it. */
  readonly proportionalBytes: number;
}

/**
 * Resident bytes of processes, where what they share counts once: a child that was just forked has its parent's pages. What cannot be
 * read so is taken as resident.
 */
export function sharedOnceBytes(sharers: readonly Sharer[]): number {
  const rollups = sharers.map(({ pid }) => parseRollup(readProc(`/proc/${pid}/smaps_rollup`)));
  return sharers.reduce((sum, { statm, isYoung }, at) => {
    const own = rollups[at];
    if (own === undefined) return sum + (residentBytes(statm()) ?? 0);
    const isAlias =
      isYoung && rollups.some((other, place) => place !== at && other !== undefined && isSame(own, other));
    return isAlias ? sum : sum + own.proportionalBytes;
  }, 0);
}

/**
 * Whether a young process has the very address space of another, as between `vfork` and `exec`: then none of its pages is divided.
 * A copy that has been written anew looks alike; it is young for a second only.
 */
function isSame(young: Rollup, other: Rollup): boolean {
  const difference = Math.abs(young.residentBytes - other.residentBytes);
  return (
    young.range === other.range &&
    difference <= 0.05 * other.residentBytes &&
    young.proportionalBytes >= 0.9 * young.residentBytes
  );
}

function parseRollup(text: string | undefined): Rollup | undefined {
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1]);
  const [range = ''] = (text ?? '').split(' ', 1);
  const [residentKb, proportionalKb] = [kilobytes('Rss'), kilobytes('Pss')];
  if (!Number.isFinite(residentKb) || !Number.isFinite(proportionalKb)) return undefined;
  return { range, residentBytes: residentKb * 1024, proportionalBytes: proportionalKb * 1024 };
}
