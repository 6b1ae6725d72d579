/** So many at once, the rest in order of coming. */
export class Slots {
  #free: number;
  #inUse = 0;
  readonly #waiting = new Set<() => void>();
  #idleListeners: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Calls `start` when there is room: at once, or later.
   *
   * @returns leaves the queue, or gives the slot back: call it once, when nothing of the work is left.
   */
  take(start: () => void): () => void {
    let taken = false;
    const begin = (): void => {
      taken = true;
      this.#free--;
      start();
    };
    this.#inUse++;
    const leave = (): void => {
      if (taken) this.#free++;
      else this.#waiting.delete(begin);
      this.#inUse--;
      this.#fill();
    };
    this.#waiting.add(begin);
    this.#fill();
    return leave;
  }

  /** Resolves when no work runs or waits. */
  idle(): Promise<void> {
    if (this.#inUse === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  #fill(): void {
    for (const begin of this.#waiting) {
      if (this.#free === 0) return;
      this.#waiting.delete(begin);
      begin();
    }
    if (this.#inUse > 0) return;
    const listeners = this.#idleListeners;
    this.#idleListeners = [];
    for (const listener of listeners) listener();
  }
}
