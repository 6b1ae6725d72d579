/**
 * Does one piece of work at a time. One more may wait; a newer one takes its place, unless the waiting one goes first.
 *
 *     put    a-b-c---d-
 *     done   --a-----c--d     (b: dropped, when c came)
 */
export class OneAtATime<T> {
  readonly #work: (item: T) => Promise<void>;
  readonly #onDropped: (item: T) => void;
  readonly #goesFirst: (waiting: T, newer: T) => boolean;
  #waiting: T | undefined;
  #running: Promise<void> | undefined;

  /**
   * @param work never rejects
   * @param goesFirst whether it is the newer one that is dropped
   */
  constructor(options: {
    readonly work: (item: T) => Promise<void>;
    readonly onDropped: (item: T) => void;
    readonly goesFirst: (waiting: T, newer: T) => boolean;
  }) {
    this.#work = options.work;
    this.#onDropped = options.onDropped;
    this.#goesFirst = options.goesFirst;
  }

  /** Takes an item. @returns resolves when nothing is left to do. */
  put(item: T): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#workOn(item);
      return this.#running;
    }
    const waiting = this.#waiting;
    if (waiting !== undefined && this.#goesFirst(waiting, item)) this.#onDropped(item);
    else {
      this.#waiting = item;
      if (waiting !== undefined) this.#onDropped(waiting);
    }
    return this.#running;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = undefined;
  }

  async #workOn(first: T): Promise<void> {
    for (let item: T | undefined = first; item !== undefined; item = this.#take()) await this.#work(item);
    this.#running = undefined;
  }

  #take(): T | undefined {
    const item = this.#waiting;
    this.#waiting = undefined;
    return item;
  }
}
