import type { Clock } from '../clock/index.ts';
import type { Overhead } from '../events/index.ts';

/** Figures are of this long at least, once there was so much, and of twice as long at most. */
const windowMs = 30_000;

interface Mark {
  readonly atMs: number;
  readonly overhead: Overhead;
}

/** What callbacks have cost the training lately: what they took at the run's start says nothing of now. */
export class RecentOverhead {
  readonly #clock: Clock;
  readonly #sum: () => Overhead;
  #from: Mark | undefined;
  #next: Mark | undefined;

  /** @param sum what they have cost since the run began */
  constructor(clock: Clock, sum: () => Overhead) {
    this.#clock = clock;
    this.#sum = sum;
  }

  /** From now on. */
  begin(): void {
    this.#from = this.#mark();
    this.#next = undefined;
  }

  get present(): Overhead {
    const now = this.#mark();
    this.#from ??= now;
    if (now.atMs - this.#from.atMs >= windowMs) {
      if (this.#next === undefined) this.#next = now;
      else if (now.atMs - this.#next.atMs >= windowMs) {
        this.#from = this.#next;
        this.#next = now;
      }
    }
    return since(this.#from.overhead, now.overhead);
  }

  #mark(): Mark {
    return { atMs: this.#clock.now(), overhead: this.#sum() };
  }
}

function since(before: Overhead, now: Overhead): Overhead {
  const trainingMs = now.trainingMs - before.trainingMs;
  const totalMs = Math.max(0, now.totalMs - before.totalMs);
  const callbacksMs = Object.entries(now.callbacksMs).map(([name, ms]) => [
    name,
    Math.max(0, ms - (before.callbacksMs[name] ?? 0)),
  ]);
  return {
    callbacksMs: Object.fromEntries(callbacksMs) as Overhead['callbacksMs'],
    totalMs,
    trainingMs,
    percent: trainingMs > 0 ? (100 * totalMs) / trainingMs : null,
  };
}
