import type { Desk } from '../callbacks/index.ts';

/** Lines that were lost: the first is told at once, the others together when it is asked for. */
export class Losses {
  readonly #desk: Desk;
  readonly #what: string;
  #untold = 0;
  #told = false;
  #over = false;
  readonly add = (count = 1): void => {
    if (this.#over) return;
    this.#untold += count;
    if (!this.#told) this.tell();
  };

  /** @param what as the event `dropped` names them: `lines of the winston logger` */
  constructor(desk: Desk, what: string) {
    this.#desk = desk;
    this.#what = what;
  }

  /** After the run nothing can be told any more. */
  close(): void {
    this.#over = true;
  }

  tell(): void {
    if (this.#untold === 0) return;
    const count = this.#untold;
    this.#untold = 0;
    this.#told = true;
    this.#desk.publish({ type: 'dropped', what: this.#what, count });
  }
}
