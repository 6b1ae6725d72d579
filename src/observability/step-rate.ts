/** About so long a past speaks. */
const memoryMs = 5_000;

/** Steps a second, by looks at a count: what lies between two looks costs nothing. */
export class StepRate {
  #perMs: number | undefined;
  #last: { readonly steps: number; readonly atMs: number } | undefined;

  /** Steps a second in the last seconds; `undefined` before two looks with steps between them. */
  look(steps: number, nowMs: number): number | undefined {
    const last = this.#last;
    if (last === undefined) this.#last = { steps, atMs: nowMs };
    else if (steps > last.steps && nowMs > last.atMs) {
      // Steps that take longer than the time between two looks count when they come, with all their time.
      const tookMs = nowMs - last.atMs;
      const perMs = (steps - last.steps) / tookMs;
      const weight = 1 - Math.exp(-tookMs / memoryMs);
      this.#perMs = this.#perMs === undefined ? perMs : this.#perMs + weight * (perMs - this.#perMs);
      this.#last = { steps, atMs: nowMs };
    }
    return this.#perMs === undefined ? undefined : this.#perMs * 1000;
  }
}
