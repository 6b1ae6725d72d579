import type { Observable } from 'rxjs';
import type { Clock } from '../clock/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import { BreakerMachine } from './breaker-machine.ts';
import type { BreakerPast } from './breaker-past.ts';
import { breakerSettings, breakerTold, type CircuitBreakerOptions } from './breaker-options.ts';
import { readSnapshot, type CircuitBreakerSnapshot } from './breaker-snapshot.ts';
import { CallNotPermittedError } from './call-not-permitted-error.ts';
import type { BreakerTransition, CircuitState } from './circuit-state.ts';
import type { Permit, RecordFailure } from './permit.ts';
import { rejectedLater } from './rejected-later.ts';
import { rateOf } from './thresholds.ts';
import { TransitionQueue } from './transition-queue.ts';
import { underPermit } from './under-permit.ts';

/** What a circuit breaker has counted. Rates are in percent, and `null` while there are too few calls to judge. */
export interface CircuitBreakerMetrics {
  /** The calls in the window; in half-open those of its sample. */
  readonly bufferedCalls: number;
  readonly failedCalls: number;
  readonly slowCalls: number;
  /** Calls that were not admitted since the last change of state. */
  readonly notPermittedCalls: number;
  readonly failureRate: number | null;
  /** `null` also where no `slowCallDurationMs` is given. */
  readonly slowCallRate: number | null;
}

/**
 * Puts a breaker that nobody has used yet where the record of another process's leaves it. For Pitwall's own parts: a program has
 * {@link CircuitBreaker.restore}.
 *
 * @param otherwise which errors count, where the breaker has no `recordFailure` of its own
 */
export let recall: (breaker: CircuitBreaker, past: BreakerPast, otherwise: RecordFailure) => void;

/**
 * Stops calling what fails anyway, and tries again later.
 *
 * Closed, it admits every call and counts how they end; open, it admits none; half-open, it admits a few to see whether things
 * are well again. A call is a {@link Permit}: acquired before it, and told how it ended. {@link withBreaker} does that for an
 * Observable, {@link CircuitBreaker.execute} for a promise. The states, their names and the options are those of resilience4j.
 *
 * It holds no resource but one timer while it is half-open.
 *
 * @example
 * const breaker = new CircuitBreaker({ name: 'vs-random', minimumNumberOfCalls: 2 });
 * breaker.tryAcquire()?.failure(new Error('hung'));
 * breaker.tryAcquire()?.failure(new Error('hung'));
 * breaker.state; // 'open'
 * breaker.tryAcquire(); // undefined: try again in breaker.retryAfterMs
 */
export class CircuitBreaker {
  static {
    recall = (breaker, past, otherwise) => {
      breaker.#machine.recall(past, otherwise);
      breaker.#watchDeadline();
    };
  }

  readonly name: string;
  /** The present state, then each change once. Never completes, never errors. */
  readonly state$: Observable<CircuitState>;
  /** Hot: each change of state, in order also when a listener makes another one. Never completes, never errors. */
  readonly transitions$: Observable<BreakerTransition>;

  readonly #clock: Clock;
  readonly #machine: BreakerMachine;
  readonly #timesCalls: boolean;
  #cancelDeadline: (() => void) | undefined;

  /** @throws {ConfigurationError} about the first wrong option; an unknown one names its near match. */
  constructor(options: CircuitBreakerOptions = {}) {
    const settings = breakerSettings(options);
    const queue = new TransitionQueue();
    this.name = settings.name;
    this.#clock = settings.clock;
    this.#timesCalls = settings.slowCallDurationMs !== undefined;
    this.#machine = new BreakerMachine(settings, (change) => {
      this.#watchDeadline();
      queue.push({ ...change, at: settings.clock.wallNow() });
    });
    this.transitions$ = queue.transitions$;
    this.state$ = queue.statesFrom(() => this.state);
  }

  /**
   * Makes a breaker that goes on where another one was, perhaps in another process. The time between counts towards an open
   * breaker's wait by the wall clock; a half-open one admits its full sample again.
   *
   * @throws {ConfigurationError} when the options are wrong or the snapshot is broken.
   */
  static restore(snapshot: CircuitBreakerSnapshot, options: CircuitBreakerOptions = {}): CircuitBreaker {
    const breaker = new CircuitBreaker(options);
    breaker.#machine.restore(readSnapshot(snapshot, `The snapshot of the ${breakerTold(options)}`));
    breaker.#watchDeadline();
    return breaker;
  }

  get state(): CircuitState {
    return this.#machine.state;
  }

  /** In how many ms a call may be admitted: 0 where it may be now, `null` where that is not known. */
  get retryAfterMs(): number | null {
    return this.#machine.retryAfterMs;
  }

  /** What was counted, at a constant cost. Open keeps the figures that opened it; every other change begins anew. */
  get metrics(): CircuitBreakerMetrics {
    const { figures, minimumVolume, notPermittedCalls } = this.#machine;
    const { calls, failed, slow } = figures;
    const judged = calls >= minimumVolume;
    return {
      bufferedCalls: calls,
      failedCalls: failed,
      slowCalls: slow,
      notPermittedCalls,
      failureRate: judged ? rateOf(failed, calls) : null,
      slowCallRate: judged && this.#timesCalls ? rateOf(slow, calls) : null,
    };
  }

  /** Asks for a call. Gives its permit, or `undefined` when the call is not to be made. */
  tryAcquire(): Permit | undefined {
    return this.#machine.tryAcquire();
  }

  /** Tells whether {@link tryAcquire} would give a permit now, and changes nothing. */
  wouldPermit(): boolean {
    return this.#machine.wouldPermit();
  }

  /**
   * Makes a call, if it is admitted, and tells the breaker how it ended, before whoever awaits it hears: what it resolves with is a
   * success, what it throws or rejects with a failure. For promises; an Observable has {@link withBreaker}.
   *
   * A call that never settles is never counted, and keeps its place in half-open until the deadline: its time limit belongs inside.
   *
   * @returns what the call gives. It rejects with the call's own error, and with {@link CallNotPermittedError} where the call is not
   * admitted and so not made. It never throws.
   *
   * @example
   * const stored = await breaker.execute(() => fetch(url, { signal: AbortSignal.timeout(5_000) }));
   */
  execute<T>(call: () => PromiseLike<T> | T): Promise<T> {
    if (typeof call !== 'function')
      return rejectedLater(
        new ConfigurationError(
          `breaker.execute(call) takes a function that makes the call, but ${told(call)} came: breaker.execute(() => ask())`,
        ),
      );
    const permit = this.tryAcquire();
    return permit === undefined
      ? rejectedLater(new CallNotPermittedError(this.name, this.retryAfterMs))
      : underPermit(permit, call);
  }

  /** Admits no call until {@link reset}, {@link disable} or {@link metricsOnly}. */
  forceOpen(): void {
    this.#machine.force('forced-open', 'forceOpen() was called');
  }

  /** Admits every call and counts nothing. */
  disable(): void {
    this.#machine.force('disabled', 'disable() was called');
  }

  /** Admits every call and counts, but never opens. */
  metricsOnly(): void {
    this.#machine.force('metrics-only', 'metricsOnly() was called');
  }

  /** Closes, and forgets what was counted and how often it opened. Calls that are under way count no more. */
  reset(): void {
    this.#machine.reset('reset() was called');
  }

  /** What {@link CircuitBreaker.restore} takes: plain data for JSON. */
  snapshot(): CircuitBreakerSnapshot {
    return this.#machine.snapshot();
  }

  /** Half-open ends at its deadline without anyone asking. */
  #watchDeadline(): void {
    this.#cancelDeadline?.();
    const { deadlineMs } = this.#machine;
    this.#cancelDeadline =
      deadlineMs === undefined
        ? undefined
        : this.#clock.setTimeout(() => {
            this.#machine.expire();
          }, deadlineMs - this.#clock.now());
  }
}
