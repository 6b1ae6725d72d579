import type { CallWindow, WindowSnapshot } from './call-window.ts';
import type { Figures } from './circuit-state.ts';

const failedBit = 1;
const slowBit = 2;

/** The last `size` calls, in a ring of one byte a call. */
export class CountWindow implements CallWindow {
  readonly figures: Figures = { calls: 0, failed: 0, slow: 0 };
  readonly #outcomes: Uint8Array;
  #next = 0;

  constructor(size: number) {
    this.#outcomes = new Uint8Array(size);
  }

  record(failed: boolean, slow: boolean): void {
    this.#push((failed ? failedBit : 0) | (slow ? slowBit : 0));
  }

  /** Calls leave by number, not by age. */
  forget(): void {
    return;
  }

  clear(): void {
    this.#next = 0;
    Object.assign(this.figures, { calls: 0, failed: 0, slow: 0 });
  }

  save(): WindowSnapshot {
    const { calls } = this.figures;
    const size = this.#outcomes.length;
    const oldest = this.#next - calls + size;
    return {
      type: 'count',
      calls: Array.from({ length: calls }, (_, age) => this.#outcomes[(oldest + age) % size] ?? 0),
    };
  }

  load(snapshot: WindowSnapshot): void {
    if (snapshot.type !== 'count') return;
    for (const outcome of snapshot.calls) this.#push(outcome);
  }

  #push(outcome: number): void {
    const { figures } = this;
    const outcomes = this.#outcomes;
    const at = this.#next;
    this.#next = at + 1 === outcomes.length ? 0 : at + 1;
    if (figures.calls === outcomes.length) {
      const leaving = outcomes[at] ?? 0;
      // The common case, success after success, changes no sum.
      if (leaving === outcome) return;
      figures.failed -= leaving & failedBit;
      figures.slow -= leaving >> 1;
    } else {
      figures.calls++;
    }
    outcomes[at] = outcome;
    figures.failed += outcome & failedBit;
    figures.slow += outcome >> 1;
  }
}
