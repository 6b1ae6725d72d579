/** From here on a call is told as `callback:slow`. */
const slowMs = 50;
/** A callback is told as slow once in so many milliseconds. */
const tellEveryMs = 1_000;

/** Adds up the time that something takes on the training thread; of most steps only a sample is timed. */
export class SynchronousTime {
  #eventsMs = 0;
  #sampledStepsMs = 0;
  #sampledSteps = 0;
  #toldAtMs = -Infinity;

  /**
   * Adds one timed delivery.
   *
   * @returns whether it was slow and is to be told now.
   */
  add(isStep: boolean, tookMs: number, nowMs: number): boolean {
    if (isStep) {
      this.#sampledStepsMs += tookMs;
      this.#sampledSteps++;
    } else this.#eventsMs += tookMs;
    if (tookMs < slowMs || nowMs - this.#toldAtMs < tellEveryMs) return false;
    this.#toldAtMs = nowMs;
    return true;
  }

  /** All of it, if all of the `steps` that were delivered took what the sampled ones took. */
  totalMs(steps: number): number {
    const stepMs = this.#sampledSteps === 0 ? 0 : this.#sampledStepsMs / this.#sampledSteps;
    return this.#eventsMs + stepMs * steps;
  }
}
