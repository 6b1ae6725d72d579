import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock/index.ts';

/** The event loop is never kept longer than this by steps in a row. */
const everyMs = 10;
/** For steps that take no time on the clock, as under a virtual one. */
const everySteps = 1_024;

/** Lets timers and sockets have their turn between steps, whose own awaits may never leave the microtasks. */
export class Breath {
  readonly #clock: Clock;
  #lastMs: number;
  #steps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.now();
  }

  /** Whether it is time, at `nowMs` of the clock and one step later. */
  isDue(nowMs: number): boolean {
    return ++this.#steps >= everySteps || nowMs - this.#lastMs >= everyMs;
  }

  /** Resolves a turn of the event loop later. */
  async take(): Promise<void> {
    await setImmediate();
    this.#lastMs = this.#clock.now();
    this.#steps = 0;
  }
}
