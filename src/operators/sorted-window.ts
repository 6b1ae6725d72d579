/** The last values in the order of their coming, and sorted; memory for all of them is taken at once. */
export class SortedWindow {
  readonly #values: Float64Array;
  readonly #cameMs: Float64Array;
  readonly #sorted: Float64Array;
  #oldest = 0;
  #count = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
    this.#cameMs = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a value; the oldest makes room for it. */
  add(value: number, nowMs: number): void {
    if (this.#count === this.#values.length) this.#forgetOldest();
    const slot = (this.#oldest + this.#count) % this.#values.length;
    this.#values[slot] = value;
    this.#cameMs[slot] = nowMs;
    const at = this.#placeOf(value);
    this.#sorted.copyWithin(at + 1, at, this.#count);
    this.#sorted[at] = value;
    this.#count++;
  }

  /** Forgets what came before a moment. */
  forgetBefore(ms: number): void {
    while (this.#count > 0 && (this.#cameMs[this.#oldest] ?? ms) < ms) this.#forgetOldest();
  }

  /** By nearest rank: the smallest value that at least this share of all does not exceed. NaN where there is none. */
  quantile(share: number): number {
    // 0.07 of 100 is 7.000000000000001.
    const rank = Math.max(1, Math.ceil(share * this.#count - 1e-9));
    return this.#count === 0 ? NaN : (this.#sorted[rank - 1] ?? NaN);
  }

  #forgetOldest(): void {
    const at = this.#placeOf(this.#values[this.#oldest] ?? NaN);
    this.#sorted.copyWithin(at, at + 1, this.#count);
    this.#oldest = (this.#oldest + 1) % this.#values.length;
    this.#count--;
  }

  /** The first place whose value is not below this one. */
  #placeOf(value: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
