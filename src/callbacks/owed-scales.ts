import { scaleTold, type RunEvent } from '../events/index.ts';
import type { ScaleDirective } from './callback.ts';

/**
 * What a callback has asked to be scaled, as its fold of the history says, and the journal of its run does not tell: the process was
 * gone, or the telling was superseded with what came after the checkpoint. It is owed when the run goes on, once.
 *
 *     history$   -a--b|        (a, b: reductions; the one at "a" is on disk)
 *     events$          R--     (R: run:resume)
 *     take()           b
 */
export class OwedScales {
  readonly #callback: string;
  readonly #name: string;
  #told = 0;
  #due: ScaleDirective[] = [];

  /**
   * @param callback the name under which its directives are told
   * @param name of what it scales
   */
  constructor(callback: string, name: string) {
    this.#callback = callback;
    this.#name = name;
  }

  /** Takes an event of the history in. */
  see(event: RunEvent): void {
    const scaled = scaleTold(event);
    if (scaled?.callback === this.#callback && scaled.name === this.#name) this.#told++;
  }

  /** Takes in what the callback would have asked for at an event of the history. */
  add(directives: readonly ScaleDirective[]): void {
    this.#due.push(...directives);
  }

  /** Gives what is still to be told, once. */
  take(): readonly ScaleDirective[] {
    const owed = this.#due.slice(this.#told);
    this.#due = [];
    return owed;
  }
}
