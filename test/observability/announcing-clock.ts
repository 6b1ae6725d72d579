import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** A virtual clock that says when something begins to wait: what real work has come to is seen by what it waits for next. */
export class AnnouncingClock extends VirtualClock {
  readonly #announced: number[] = [];
  readonly #waiting: ((ms: number) => void)[] = [];
  readonly #leftOut: readonly number[];
  #taken = 0;

  /** @param leftOut delays that are not announced */
  constructor(...leftOut: readonly number[]) {
    super();
    this.#leftOut = leftOut;
  }

  override setTimeout(task: () => void, ms: number): () => void {
    const cancel = super.setTimeout(task, ms);
    if (!this.#leftOut.includes(ms)) {
      this.#announced.push(ms);
      this.#waiting[this.#announced.length - 1]?.(ms);
    }
    return cancel;
  }

  /** The delay of the next timer that the test has not seen, when it is set. */
  async nextDelay(): Promise<number> {
    const at = this.#taken++;
    return this.#announced[at] ?? (await new Promise((resolve) => (this.#waiting[at] = resolve)));
  }
}
