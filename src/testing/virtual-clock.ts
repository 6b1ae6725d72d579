import type { Clock } from '../clock/index.ts';
import { PitwallError } from '../errors/index.ts';
import { takesTurns, untilQuiet } from './turns.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** Longer than any limit has a default for, and far from what a loop that never ends would take. */
const defaultLimitMs = 30 * 24 * 3_600_000;

/**
 * A clock that stands still until a test moves it.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.setTimeout(() => console.log('late'), 1000);
 * await clock.advance(1000); // prints 'late'
 */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;
  #wallOffsetMs: number;
  #order = 0;

  /** @param startMs the first reading of `now()`; `wallMs` the first reading of `wallNow()` */
  constructor({
    startMs = 0,
    wallMs = 1_700_000_000_000,
  }: { readonly startMs?: number; readonly wallMs?: number } = {}) {
    this.#nowMs = startMs;
    this.#wallOffsetMs = wallMs - startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  wallNow(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  setTimeout(task: () => void, ms: number): () => void {
    const timer: Timer = { dueMs: this.#nowMs + (ms > 0 ? ms : 0), order: this.#order++, task };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many timers wait: 0 when nothing was left behind. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock alone, as an operator or NTP does. */
  setWall(wallMs: number): void {
    this.#wallOffsetMs = wallMs - this.#nowMs;
  }

  /**
   * Moves time by `ms`, running due timers in order and draining microtasks between them.
   *
   * @throws RangeError if `ms` is negative or not finite.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0) || !Number.isFinite(ms))
      throw new RangeError(`advance() takes milliseconds from 0 on, but ${ms} came`);
    const untilMs = this.#nowMs + ms;
    await takesTurns(1);
    for (let timer = this.#nextDue(untilMs); timer !== undefined; timer = this.#nextDue(untilMs)) {
      this.#run(timer);
      await takesTurns(1);
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs); // another advance may have gone further
  }

  /**
   * Moves time from timer to timer until something has settled, and not a timer further: `await clock.runUntil(trainer.fit(…))`.
   *
   * Files and other real work are no timers, and hold up nothing: what waits for them is given its turns only once no timer is
   * left, or where it settles between two of them.
   *
   * @param work a promise of what runs under this clock
   * @param options `limitMs`: the most virtual milliseconds that may pass, 30 days by default; `patienceMs`: how long real work is
   * waited for once no timer is left, in real milliseconds, 1 000 by default
   * @returns what it resolves to
   * @throws what it rejects with; {@link PitwallError} `VIRTUAL_TIME_STUCK` when no timer is left and it has not settled, or when the
   * limit is over.
   */
  async runUntil<T>(
    work: PromiseLike<T>,
    { limitMs = defaultLimitMs, patienceMs = 1_000 }: { readonly limitMs?: number; readonly patienceMs?: number } = {},
  ): Promise<T> {
    let isSettled = false;
    const settled = Promise.resolve(work).finally(() => (isSettled = true));
    settled.catch(() => undefined); // it is given back below
    const untilMs = this.#nowMs + limitMs;
    const isDone = (): boolean => isSettled;
    const isBusy = (): boolean => this.#timers.size > 0;
    while (!(await untilQuiet(isDone, { isBusy, patienceMs }))) {
      const timer = this.#nextDue(untilMs);
      if (timer === undefined) throw this.#stuck(limitMs);
      this.#run(timer);
    }
    return settled;
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.task();
  }

  #stuck(limitMs: number): PitwallError {
    const why =
      this.#timers.size === 0
        ? 'no timer of it is left, so nothing can come any more: does it take its time from this clock?'
        : `${limitMs} virtual ms have passed: let it end before, or give runUntil a larger limitMs.`;
    return new PitwallError(
      'VIRTUAL_TIME_STUCK',
      `What runUntil() waits for has not settled at ${this.#nowMs} ms: ${why}`,
    );
  }

  #nextDue(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (next === undefined || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}
