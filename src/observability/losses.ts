import type { Desk } from '../callbacks/index.ts';

/** What could not be handed on: the first of it is told at once as `dropped`, the rest together when it is asked for. */
export class Losses {
  readonly #desk: Pick<Desk, 'publish'>;
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
  constructor(desk: Pick<Desk, 'publish'>, what: string) {
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
