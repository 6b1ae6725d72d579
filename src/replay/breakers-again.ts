import { Subscription, type SchedulerLike } from 'rxjs';
import { CircuitBreaker, type BreakerTransition, type CircuitBreakerOptions, type Permit } from '../breaker/index.ts';
import { countsAgainstBreaker } from '../callbacks/counts-against-breaker.ts';
import { clockOf } from '../clock/index.ts';
import type { RecordedLimits } from './recorded-limits.ts';

/** A change of state that a breaker would have made. `at` is of the recorded wall clock. */
export interface ReplayedTransition extends BreakerTransition {
  readonly breaker: string;
  /** The training's, at that moment; 0 before the first. */
  readonly epoch: number;
}

/** The breakers of a run that is judged again, made when they are first asked, and what they do. */
export class BreakersAgain {
  /** The training's epoch: whoever tells the run keeps it. */
  epoch = 0;
  readonly transitions: ReplayedTransition[] = [];
  readonly #scheduler: SchedulerLike;
  readonly #options: CircuitBreakerOptions | undefined;
  readonly #recorded: RecordedLimits;
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #hearing = new Subscription();

  /** @param options for all of them; without it each has those of the record */
  constructor(scheduler: SchedulerLike, options: CircuitBreakerOptions | undefined, recorded: RecordedLimits) {
    this.#scheduler = scheduler;
    this.#options = options;
    this.#recorded = recorded;
  }

  /** Whether the evaluation's breaker would let it through now: where it had none, and none is given, always. */
  wouldPermit(evaluation: string): boolean {
    return this.#of(evaluation)?.wouldPermit() ?? true;
  }

  /** The permit of one evaluation, or `undefined` where it is refused. */
  tryAcquire(evaluation: string): Permit | undefined {
    const breaker = this.#of(evaluation);
    return breaker === undefined ? noBreaker : breaker.tryAcquire();
  }

  /** Hears no more of its breakers. */
  close(): void {
    this.#hearing.unsubscribe();
  }

  /** Evaluations that shared a breaker share it again: they told the same name. */
  #of(evaluation: string): CircuitBreaker | undefined {
    const told = this.#recorded.breakerOf(evaluation) ?? {};
    if (this.#options === undefined && told === false) return undefined;
    const recorded = told === false ? {} : told;
    const shared = recorded.name ?? evaluation;
    const known = this.#breakers.get(shared);
    if (known !== undefined) return known;
    const options = { name: shared, recordFailure: countsAgainstBreaker, ...(this.#options ?? recorded) };
    const breaker = new CircuitBreaker({ ...options, clock: clockOf(this.#scheduler) });
    this.#breakers.set(shared, breaker);
    this.#hearing.add(
      breaker.transitions$.subscribe({
        next: (transition) => this.transitions.push({ ...transition, breaker: shared, epoch: this.epoch }),
        error: () => undefined, // it never errors
      }),
    );
    return breaker;
  }
}

const noBreaker: Permit = { success: () => undefined, failure: () => undefined, release: () => undefined };
