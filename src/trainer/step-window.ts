/** What `step:summary` tells of the steps of about a second. */
export interface StepSummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Exact up to so many steps a second; above it the percentiles are those of a fair sample of this size. */
const capacity = 2_048;

/** Collects the durations of steps in bounded memory. */
export class StepWindow {
  readonly #durationsMs = new Float64Array(capacity);
  #count = 0;
  #maxMs = 0;
  #random = 0x9e3779b9;

  add(durationMs: number): void {
    const count = this.#count++;
    if (count === 0 || durationMs > this.#maxMs) this.#maxMs = durationMs;
    const slot = count < capacity ? count : this.#nextBelow(count + 1); // Vitter's algorithm R
    if (slot < capacity) this.#durationsMs[slot] = durationMs;
  }

  /** Gives the summary and begins anew; `undefined` without a step. */
  take(): StepSummary | undefined {
    const count = this.#count;
    if (count === 0) return undefined;
    this.#count = 0;
    const sorted = this.#durationsMs.subarray(0, Math.min(count, capacity)).sort();
    return { count, p50Ms: nearestRank(sorted, 0.5), p99Ms: nearestRank(sorted, 0.99), maxMs: this.#maxMs };
  }

  #nextBelow(bound: number): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#random / 2 ** 32) * bound);
  }
}

/** The smallest value that at least the share `rank` of the values does not exceed. */
function nearestRank(sorted: Float64Array, rank: number): number {
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? 0;
}
