import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { acquired } from './calls.ts';

async function callFor(breaker: CircuitBreaker, clock: VirtualClock, ms: number, fails = false): Promise<void> {
  const permit = acquired(breaker);
  await clock.advance(ms);
  if (fails) permit.failure(new Error('boom'));
  else permit.success();
}

describe('slow calls', () => {
  it.each([
    { durationsMs: [99, 99, 99], slowCalls: 0, state: 'closed' },
    { durationsMs: [99, 99, 100], slowCalls: 1, state: 'closed' },
    { durationsMs: [99, 100, 101], slowCalls: 2, state: 'open' },
    { durationsMs: [100, 100], slowCalls: 2, state: 'closed' },
  ])(
    'leave it $state after $durationsMs ms, slow from 100 ms on, above 50%',
    async ({ durationsMs, slowCalls, state }) => {
      const clock = new VirtualClock();
      const breaker = new CircuitBreaker({ clock, slowCallDurationMs: 100, slowCallRateThreshold: 50 });

      for (const ms of durationsMs) await callFor(breaker, clock, ms);

      expect(breaker.metrics.slowCalls).toBe(slowCalls);
      expect(breaker.state).toBe(state);
    },
  );

  it('count from the acquiring, and a failure can be slow too', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({
      clock,
      slowCallDurationMs: 100,
      slowCallRateThreshold: 100,
      failureRateThreshold: 100,
    });

    await callFor(breaker, clock, 100, true);
    await callFor(breaker, clock, 100);
    await callFor(breaker, clock, 1);

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 3, failedCalls: 1, slowCalls: 2 });
    expect(breaker.metrics.slowCallRate).toBeCloseTo(66.67);
  });

  it('are told but open nothing without a threshold', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock, slowCallDurationMs: 100 });

    for (const ms of [500, 500, 500]) await callFor(breaker, clock, ms);

    expect(breaker.state).toBe('closed');
    expect(breaker.metrics.slowCallRate).toBe(100);
  });

  it('fail a half-open sample', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({
      clock,
      slowCallDurationMs: 100,
      slowCallRateThreshold: 100,
      minimumNumberOfCalls: 1,
    });
    const reasons: string[] = [];
    breaker.transitions$.subscribe(({ reason }) => reasons.push(reason));
    await callFor(breaker, clock, 100);
    await clock.advance(60_000);

    await callFor(breaker, clock, 100);

    expect(breaker.state).toBe('open');
    expect(reasons.at(-1)).toBe('in half-open 1 of 1 calls were slow, the threshold is 100%');
  });
});
