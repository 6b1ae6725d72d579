import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerSnapshot,
  type Permit,
} from '../../src/breaker/index.ts';
import { NaiveBreaker, type NaiveOptions } from './naive-breaker.ts';
import { StepClock } from './step-clock.ts';

/** Schedules to try; raise it for a long search: `PITWALL_MODEL_RUNS=100000`. */
const runs = Number(process.env.PITWALL_MODEL_RUNS ?? 10_000);

const options = fc.record<Omit<NaiveOptions, 'recordFailure'>>({
  window: fc.oneof(
    fc.record({ type: fc.constant('count' as const), size: fc.integer({ min: 1, max: 6 }) }),
    // Slots of a whole millisecond, so that the model's list needs no slots.
    fc.constant({ type: 'time' as const, sizeMs: 64 }),
  ),
  minimum: fc.integer({ min: 1, max: 4 }),
  failureThreshold: fc.constantFrom(1, 29, 50, 67, 100),
  slow: fc.option(fc.record({ durationMs: fc.integer({ min: 1, max: 20 }), threshold: fc.constantFrom(30, 50, 100) }), {
    nil: undefined,
  }),
  waitMs: fc.constantFrom(
    () => 0,
    () => 30,
    (attempt: number) => 10 * attempt,
  ),
  halfOpenCalls: fc.integer({ min: 1, max: 3 }),
  halfOpenMs: fc.integer({ min: 1, max: 60 }),
});

const asked = ['forceOpen', 'disable', 'metricsOnly', 'reset'] as const;
/** Back to closed as often as into a state that nothing but a person ends. */
const askedByWeight = [...asked, 'reset', 'reset', 'reset'] as const;
/** What `recordFailure` does with an error: its answer, a throw, or a change of state before it answers. */
const answers = ['true', 'true', 'true', 'false', 'throws', 'resets'] as const;

type Call =
  | { readonly do: 'acquire' }
  | { readonly do: 'settle'; readonly which: number; readonly outcome: 'success' | 'release' }
  | { readonly do: 'fail'; readonly which: number; readonly answer: (typeof answers)[number] }
  | { readonly do: (typeof asked)[number] };
type Step = Call | { readonly do: 'wait' | 'block'; readonly ms: number } | { readonly do: 'trip' | 'restore' };

/** Of the permits, the latest one first. */
const which = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) });
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('acquire' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which,
      outcome: fc.constantFrom('success' as const, 'release' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fail' as const), which, answer: fc.constantFrom(...answers) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom(...askedByWeight) }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: call },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('block' as const), ms: fc.nat(80) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('trip' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const) }) },
);
const steps = fc.array(step, { maxLength: 60, size: 'max' });
/** What the listener does at one transition after the other; mostly nothing. */
const reactions = fc.array(fc.option(call, { freq: 2, nil: undefined }), { maxLength: 12 });

/** What the real one and the model have in common. */
interface Breaker extends Pick<CircuitBreaker, (typeof asked)[number] | 'state' | 'wouldPermit' | 'retryAfterMs'> {
  readonly metrics: Omit<CircuitBreaker['metrics'], 'failureRate' | 'slowCallRate'>;
  readonly tryAcquire: () => Permit | undefined;
}

/** One breaker, the real one or the model, with its own clock, the permits that it gave and a listener that answers back. */
class Player {
  readonly clock = new StepClock();
  /** All that can be seen of it. */
  readonly story: string[] = [];
  readonly #permits: Permit[] = [];
  readonly #reactions: (Call | undefined)[];
  #answer: (typeof answers)[number] = 'true';
  #breaker: Breaker | undefined;

  constructor(reactions: readonly (Call | undefined)[]) {
    this.#reactions = [...reactions];
  }

  get #played(): Breaker {
    if (this.#breaker === undefined) throw new Error('no breaker to play');
    return this.#breaker;
  }

  plays(breaker: Breaker): void {
    this.#breaker = breaker;
  }

  recordFailure = (): boolean => {
    if (this.#answer === 'throws') throw new Error('in recordFailure');
    if (this.#answer === 'resets') this.#played.reset();
    return this.#answer !== 'false';
  };

  hears = (change: string): void => {
    this.story.push(change);
    const reaction = this.#reactions.shift();
    if (reaction !== undefined) this.do(reaction);
  };

  do(step: Step): void {
    switch (step.do) {
      case 'acquire': {
        const permit = this.#played.tryAcquire();
        this.story.push(permit === undefined ? 'refused' : 'admitted');
        // The latest one first: settled ones stay in the list, and are settled again now and then.
        if (permit !== undefined) this.#permits.unshift(permit);
        break;
      }
      case 'settle':
        this.#permits[step.which]?.[step.outcome]();
        break;
      case 'fail':
        this.#answer = step.answer;
        this.#permits[step.which]?.failure(new Error('boom'));
        break;
      case 'trip':
        for (let call = 0; call < 6; call++) this.#played.tryAcquire()?.failure(new Error('boom'));
        break;
      case 'wait':
        this.clock.advance(step.ms);
        break;
      case 'block':
        this.clock.block(step.ms);
        break;
      case 'restore':
        break;
      case 'forceOpen':
      case 'disable':
      case 'metricsOnly':
      case 'reset':
        this.#played[step.do]();
    }
  }

  look(): void {
    const { state, retryAfterMs, metrics } = this.#played;
    const { bufferedCalls, failedCalls, slowCalls, notPermittedCalls } = metrics;
    const figures = [bufferedCalls, failedCalls, slowCalls, notPermittedCalls].join(' ');
    const admits = this.#played.wouldPermit() ? 'admits' : 'refuses';
    this.story.push(`${state} ${admits} ${retryAfterMs} (${figures}), ${this.clock.timers.length} timers`);
  }
}

describe('a breaker under any schedule', () => {
  it('does what the naive model does: blocked loops, late timers, listeners that answer back, stale permits, restores', () => {
    fc.assert(
      fc.property(options, reactions, steps, (given, answersBack, schedule) => {
        const real = new Player(answersBack);
        const naive = new Player(answersBack);
        const settings: CircuitBreakerOptions = {
          clock: real.clock,
          slidingWindow: given.window,
          minimumNumberOfCalls: given.minimum,
          failureRateThreshold: given.failureThreshold,
          slowCallDurationMs: given.slow?.durationMs,
          slowCallRateThreshold: given.slow?.threshold,
          waitDurationInOpenStateMs: given.waitMs,
          permittedNumberOfCallsInHalfOpenState: given.halfOpenCalls,
          maxWaitDurationInHalfOpenStateMs: given.halfOpenMs,
          recordFailure: real.recordFailure,
        };
        const minimum = given.window.type === 'count' ? Math.min(given.minimum, given.window.size) : given.minimum;
        let breaker = new CircuitBreaker(settings);
        let model = new NaiveBreaker({ ...given, minimum, recordFailure: naive.recordFailure }, naive.clock);
        const listen = () => {
          real.plays(breaker);
          naive.plays(model);
          model.onTransition = naive.hears;
          return breaker.transitions$.subscribe(({ from, to }) => {
            real.hears(`${from} > ${to}`);
          });
        };
        let listening = listen();

        for (const step of schedule) {
          if (step.do === 'restore') {
            listening.unsubscribe();
            const snapshot = JSON.parse(JSON.stringify(breaker.snapshot())) as CircuitBreakerSnapshot;
            // The one of the lost process: its permits are still about, and become stale.
            breaker.forceOpen();
            breaker.disable();
            breaker = CircuitBreaker.restore(snapshot, settings);
            model = model.restored();
            listening = listen();
          }
          for (const player of [real, naive]) {
            player.do(step);
            player.look();
          }
        }
        expect(real.story).toEqual(naive.story);
      }),
      { seed: 20_240_601, numRuns: runs },
    );
  }, 120_000);
});
