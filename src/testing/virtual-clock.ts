import type { Clock } from '../clock/index.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly task: () => void;
}

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
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, ms), order: this.#order++, task };
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
    await drainMicrotasks();
    for (let timer = this.#nextDue(untilMs); timer !== undefined; timer = this.#nextDue(untilMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.task();
      await drainMicrotasks();
    }
    this.#nowMs = untilMs;
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

/** A macrotask later every microtask that was there, and those they made, has run. */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
