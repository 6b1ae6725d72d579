import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions } from '../../src/breaker/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { acquired, call } from './calls.ts';

/** A breaker whose wait is over, so that the next call turns it half-open. */
async function readyForHalfOpen(options: CircuitBreakerOptions = {}) {
  const clock = new VirtualClock();
  const breaker = new CircuitBreaker({ clock, waitDurationInOpenStateMs: 1000, ...options });
  call(breaker, 'xxx');
  await clock.advance(1000);
  return { breaker, clock };
}

describe('a half-open breaker', () => {
  it('admits as many calls as permitted, and no more before their verdicts', async () => {
    const { breaker } = await readyForHalfOpen({ permittedNumberOfCallsInHalfOpenState: 3 });

    const permits = [acquired(breaker), acquired(breaker), acquired(breaker)];

    expect(breaker.state).toBe('half-open');
    expect(breaker.wouldPermit()).toBe(false);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.retryAfterMs).toBeNull();
    expect(breaker.metrics.notPermittedCalls).toBe(1);
    permits[0]!.success();
    expect(breaker.tryAcquire()).toBeUndefined(); // three in all, not three at once
  });

  it.each([
    { outcomes: '.', state: 'closed' },
    { outcomes: 'x', state: 'open' },
    { outcomes: '...x', state: 'closed' },
    { outcomes: '..xx', state: 'open' },
    { outcomes: 'xx..', state: 'open' },
    { outcomes: 'x...', state: 'closed' },
  ])('is $state after its sample $outcomes at a threshold of 50%', async ({ outcomes, state }) => {
    const { breaker } = await readyForHalfOpen({ permittedNumberOfCallsInHalfOpenState: outcomes.length });

    call(breaker, outcomes.slice(0, -1));
    const before = breaker.state;
    call(breaker, outcomes.slice(-1));

    expect(before).toBe(outcomes.length === 1 ? 'open' : 'half-open');
    expect(breaker.state).toBe(state);
  });

  it('judges its own sample: the window of before counts no more', async () => {
    const { breaker } = await readyForHalfOpen({ permittedNumberOfCallsInHalfOpenState: 2 });

    call(breaker, '.');

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 1, failedCalls: 0, failureRate: null });
    call(breaker, '.');
    expect(breaker.metrics).toMatchObject({ bufferedCalls: 0, failedCalls: 0, failureRate: null });
  });

  it('admits another call for one that was given back', async () => {
    const { breaker } = await readyForHalfOpen();
    const permit = acquired(breaker);

    permit.release();
    permit.release();

    expect(breaker.wouldPermit()).toBe(true);
    expect(breaker.tryAcquire()).toBeDefined();
    expect(breaker.tryAcquire()).toBeUndefined();
  });

  it('opens again at its deadline without anyone asking, for the next wait', async () => {
    const attempts: number[] = [];
    const { breaker, clock } = await readyForHalfOpen({
      maxWaitDurationInHalfOpenStateMs: 500,
      waitDurationInOpenStateMs: (attempt) => {
        attempts.push(attempt);
        return 1000;
      },
    });
    const permit = acquired(breaker);
    const states: string[] = [];
    breaker.state$.subscribe((state) => states.push(state));

    await clock.advance(499);
    const before = breaker.state;
    await clock.advance(1);

    expect(before).toBe('half-open');
    expect(states).toEqual(['half-open', 'open']);
    expect(attempts).toEqual([1, 2]);
    permit.success(); // too late
    expect(breaker.state).toBe('open');
    expect(breaker.metrics.bufferedCalls).toBe(0);
  });

  it('takes no verdict after its deadline either where a blocked loop has not fired the timer', () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, wallNow: () => nowMs, setTimeout: () => () => undefined };
    const breaker = new CircuitBreaker({
      clock,
      waitDurationInOpenStateMs: 1000,
      maxWaitDurationInHalfOpenStateMs: 500,
    });
    call(breaker, 'xxx');
    nowMs = 1000;
    const permit = acquired(breaker);

    nowMs = 1500;

    expect(breaker.wouldPermit()).toBe(false);
    permit.success();
    expect(breaker.state).toBe('open');
    expect(breaker.retryAfterMs).toBe(1000);
  });

  it('ends late at the next call that asks, where a blocked loop has not fired the timer', () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, wallNow: () => nowMs, setTimeout: () => () => undefined };
    const breaker = new CircuitBreaker({
      clock,
      waitDurationInOpenStateMs: 1000,
      maxWaitDurationInHalfOpenStateMs: 500,
    });
    call(breaker, 'xxx');
    nowMs = 1000;
    acquired(breaker);
    nowMs = 1500;

    expect(breaker.tryAcquire()).toBeUndefined();

    expect(breaker.state).toBe('open');
    expect(breaker.metrics.notPermittedCalls).toBe(1);
  });

  it.each([
    {
      end: 'its sample passes',
      act: (breaker: CircuitBreaker) => {
        call(breaker, '.');
      },
    },
    {
      end: 'its sample fails',
      act: (breaker: CircuitBreaker) => {
        call(breaker, 'x');
      },
    },
    {
      end: 'it is forced open',
      act: (breaker: CircuitBreaker) => {
        breaker.forceOpen();
      },
    },
    {
      end: 'it is disabled',
      act: (breaker: CircuitBreaker) => {
        breaker.disable();
      },
    },
    {
      end: 'it is reset',
      act: (breaker: CircuitBreaker) => {
        breaker.reset();
      },
    },
  ])('leaves no timer behind when $end', async ({ act }) => {
    const { breaker, clock } = await readyForHalfOpen();
    acquired(breaker).release();
    const timersIn = clock.pendingTimers;

    act(breaker);

    expect(timersIn).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives the first permit to the call that asked, whatever a listener does', async () => {
    const { breaker } = await readyForHalfOpen();
    const nested: unknown[] = [];
    breaker.transitions$.subscribe(() => nested.push(breaker.tryAcquire()));

    const permit = breaker.tryAcquire();

    expect(permit).toBeDefined();
    expect(nested).toEqual([undefined]);
  });
});
