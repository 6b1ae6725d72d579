const slots = 64;

/** What least squares needs to know of the values of a slot. Times are from the slot's beginning: small, however long it goes on. */
interface Sums {
  readonly index: number;
  readonly beginMs: number;
  count: number;
  time: number;
  value: number;
  timeTime: number;
  timeValue: number;
}

/** The values of the last `windowMs`, of which only sums are kept: one set in each of 64 slots. */
export class SlopeWindow {
  readonly #windowMs: number;
  #slots: Sums[] = [];
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Whether values have come for as long as the window is, and after a silence reach back over half of it again. */
  get isFull(): boolean {
    const oldest = this.#slots[0];
    if (this.#firstMs === undefined || oldest === undefined) return false;
    return this.#lastMs - this.#firstMs >= this.#windowMs && this.#lastMs - oldest.beginMs >= this.#windowMs / 2;
  }

  get count(): number {
    return this.#slots.reduce((sum, { count }) => sum + count, 0);
  }

  add(value: number, nowMs: number): void {
    this.#firstMs ??= nowMs;
    this.#lastMs = nowMs;
    const index = Math.floor(((nowMs - this.#firstMs) * slots) / this.#windowMs);
    let last = this.#slots.at(-1);
    if (last?.index !== index) {
      // The slot in which the window begins is kept whole: it is up to a slot longer than it was to be.
      this.#slots = this.#slots.filter((slot) => slot.index >= index - slots);
      last = { index, beginMs: nowMs, count: 0, time: 0, value: 0, timeTime: 0, timeValue: 0 };
      this.#slots.push(last);
    }
    const time = nowMs - last.beginMs;
    last.count++;
    last.time += time;
    last.value += value;
    last.timeTime += time * time;
    last.timeValue += time * value;
  }

  /** Units a millisecond; `null` where all values came in one moment. */
  slope(): number | null {
    const newest = this.#slots.at(-1);
    if (newest === undefined) return null;
    const count = this.count;
    const sum = (of: (slot: Sums, beginMs: number) => number): number =>
      this.#slots.reduce((total, slot) => total + of(slot, slot.beginMs - newest.beginMs), 0);
    const meanTime = sum((slot, beginMs) => slot.time + slot.count * beginMs) / count;
    const meanValue = sum((slot) => slot.value) / count;
    const spread = sum((slot, beginMs) => {
      const off = beginMs - meanTime;
      return slot.timeTime + 2 * off * slot.time + slot.count * off ** 2;
    });
    const together = sum((slot, beginMs) => {
      const off = beginMs - meanTime;
      return slot.timeValue + off * slot.value - meanValue * (slot.time + slot.count * off);
    });
    return spread > 0 ? together / spread : null;
  }
}
