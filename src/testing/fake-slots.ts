/** So many executions at once, and the rest in the order of their coming. */
export class FakeSlots {
  readonly #count: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;
  #listeners: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /**
   * Calls `begin` when there is room, now or later.
   *
   * @returns gives the slot back, or leaves the queue; call it once.
   */
  take(begin: () => void): () => void {
    let hasSlot = false;
    const enter = (): void => {
      hasSlot = true;
      this.#taken++;
      begin();
    };
    this.#waiting.add(enter);
    this.#fill();
    return () => {
      if (hasSlot) this.#taken--;
      else this.#waiting.delete(enter);
      this.#fill();
    };
  }

  /** Resolves once none is taken and nobody waits. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.push(resolve);
      this.#fill();
    });
  }

  #fill(): void {
    for (const enter of this.#waiting) {
      if (this.#taken >= this.#count) return;
      this.#waiting.delete(enter);
      enter();
    }
    if (this.#taken > 0 || this.#waiting.size > 0) return;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
