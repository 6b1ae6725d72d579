/** Where a region begins in the packed value, every element stands where its kind may stand. */
const alignment = 8;

/** A stretch of a buffer that is copied: `[start, end)` of `buffer`, to stand at `at`. */
interface Region {
  readonly buffer: ArrayBufferLike;
  readonly start: number;
  end: number;
  at: number;
}

/**
 * Collects what is shown of buffers, and gives every stretch its one place: what overlaps in a buffer is one region, so that views
 * which shared memory share it again, and what nobody shows is left behind.
 */
export class PackedRegions {
  readonly #regions = new Map<ArrayBufferLike, Region[]>();

  /** Bytes `[start, end)` of `buffer` are to be packed. */
  show(buffer: ArrayBufferLike, start: number, end: number): void {
    if (end === start) return;
    const regions = this.#regions.get(buffer);
    const region = { buffer, start, end, at: 0 };
    if (regions === undefined) this.#regions.set(buffer, [region]);
    else regions.push(region);
  }

  /**
   * Gives every region its place from `from` on.
   *
   * @returns the regions in the order of their places, and where the last one ends.
   */
  place(from: number): { readonly regions: readonly Region[]; readonly end: number } {
    const all: Region[] = [];
    let end = from;
    for (const [buffer, shown] of this.#regions) {
      const regions = merged(shown);
      this.#regions.set(buffer, regions);
      for (const region of regions) {
        region.at = Math.ceil(end / alignment) * alignment + (region.start % alignment);
        end = region.at + region.end - region.start;
        all.push(region);
      }
    }
    return { regions: all, end };
  }

  /** The place of byte `start` of `buffer`, which was shown; 0 for what has no bytes. */
  placeOf(buffer: ArrayBufferLike, start: number): number {
    const regions = this.#regions.get(buffer) ?? [];
    // The last region that begins at or before it.
    let low = 0;
    let high = regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((regions[middle]?.start ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const region = regions[low - 1];
    return region === undefined ? 0 : region.at + start - region.start;
  }
}

/** Overlapping regions of one buffer as one, in order. */
function merged(shown: Region[]): Region[] {
  if (shown.length === 1) return shown;
  const regions: Region[] = [];
  for (const region of shown.toSorted((a, b) => a.start - b.start)) {
    const last = regions.at(-1);
    if (last !== undefined && region.start < last.end) last.end = Math.max(last.end, region.end);
    else regions.push(region);
  }
  return regions;
}
