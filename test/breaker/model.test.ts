import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type Permit } from '../../src/breaker/index.ts';
import type { Clock } from '../../src/clock/index.ts';
import { NaiveBreaker, type NaiveOptions, type NaivePermit } from './naive-breaker.ts';

/** Schedules to try; raise it for a long search: `PITWALL_MODEL_RUNS=100000`. */
const runs = Number(process.env.PITWALL_MODEL_RUNS ?? 10_000);

const options = fc.record<NaiveOptions>({
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

type Step =
  | { readonly do: 'acquire' }
  | { readonly do: 'settle'; readonly which: number; readonly outcome: 'success' | 'failure' | 'release' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'forceOpen' | 'disable' | 'metricsOnly' | 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('acquire' as const) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(8),
      outcome: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'release' as const),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('forceOpen', 'disable', 'metricsOnly', 'reset') }),
  },
);

const askedStates = {
  forceOpen: 'forced-open',
  disable: 'disabled',
  metricsOnly: 'metrics-only',
  reset: 'closed',
} as const;

/** Synchronous, and it looks whether more than one timer is ever kept. */
class StepClock implements Clock {
  nowMs = 0;
  timers: { readonly dueMs: number; readonly task: () => void }[] = [];
  now = () => this.nowMs;
  wallNow = () => this.nowMs;

  setTimeout = (task: () => void, ms: number): (() => void) => {
    const timer = { dueMs: this.nowMs + ms, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  };

  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let due = this.#due(untilMs); due !== undefined; due = this.#due(untilMs)) {
      this.timers = this.timers.filter((other) => other !== due);
      this.nowMs = due.dueMs;
      due.task();
    }
    this.nowMs = untilMs;
  }

  #due(untilMs: number) {
    return this.timers.find(({ dueMs }) => dueMs <= untilMs);
  }
}

describe('a breaker under any schedule', () => {
  it('does what the naive model does', () => {
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 60 }), (given, steps) => {
        const clock = new StepClock();
        const model = new NaiveBreaker({
          ...given,
          minimum: given.window.type === 'count' ? Math.min(given.minimum, given.window.size) : given.minimum,
        });
        const breaker = new CircuitBreaker({
          clock,
          slidingWindow: given.window,
          minimumNumberOfCalls: given.minimum,
          failureRateThreshold: given.failureThreshold,
          slowCallDurationMs: given.slow?.durationMs,
          slowCallRateThreshold: given.slow?.threshold,
          waitDurationInOpenStateMs: given.waitMs,
          permittedNumberOfCallsInHalfOpenState: given.halfOpenCalls,
          maxWaitDurationInHalfOpenStateMs: given.halfOpenMs,
        });
        const transitions: string[] = [];
        breaker.transitions$.subscribe(({ from, to }) => transitions.push(`${from} > ${to}`));
        const permits: [Permit, NaivePermit][] = [];

        for (const next of steps) {
          if (next.do === 'wait') {
            clock.advance(next.ms);
            model.at(clock.nowMs);
          } else if (next.do === 'acquire') {
            expect(breaker.wouldPermit()).toBe(model.wouldPermit(clock.nowMs));
            const permit = breaker.tryAcquire();
            const modelled = model.acquire(clock.nowMs);
            expect(permit === undefined).toBe(modelled === undefined);
            if (permit !== undefined && modelled !== undefined) permits.unshift([permit, modelled]);
          } else if (next.do === 'settle') {
            // The latest ones first: settled ones stay in the list, and are settled again now and then.
            const chosen = permits[next.which];
            if (chosen === undefined) continue;
            if (next.outcome === 'failure') chosen[0].failure(new Error('boom'));
            else chosen[0][next.outcome]();
            model.settle(chosen[1], next.outcome, clock.nowMs);
          } else {
            breaker[next.do]();
            model.ask(askedStates[next.do]);
          }
          expect(breaker.state).toBe(model.state);
          expect(breaker.metrics).toMatchObject(model.figures());
          expect(breaker.retryAfterMs).toBe(model.retryAfterMs(clock.nowMs));
          expect(clock.timers).toHaveLength(model.state === 'half-open' ? 1 : 0);
        }
        expect(transitions).toEqual(model.transitions);
      }),
      { seed: 20_240_601, numRuns: runs },
    );
  });
});
