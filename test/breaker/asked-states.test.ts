import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { acquired, call } from './calls.ts';

describe('a breaker in a state that somebody asked for', () => {
  it('forced open admits nothing, for ever, and cannot tell when', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });

    breaker.forceOpen();
    await clock.advance(10_000_000);

    expect(breaker.state).toBe('forced-open');
    expect(breaker.wouldPermit()).toBe(false);
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.retryAfterMs).toBeNull();
    expect(breaker.metrics.notPermittedCalls).toBe(1);
  });

  it('disabled admits everything and records nothing', () => {
    const breaker = new CircuitBreaker();
    breaker.disable();

    call(breaker, 'xxxxxxxxxxxx');

    expect(breaker.state).toBe('disabled');
    expect(breaker.retryAfterMs).toBe(0);
    expect(breaker.metrics).toEqual({
      bufferedCalls: 0,
      failedCalls: 0,
      slowCalls: 0,
      notPermittedCalls: 0,
      failureRate: null,
      slowCallRate: null,
    });
  });

  it('metrics-only admits everything and counts, but never opens', () => {
    const breaker = new CircuitBreaker();
    breaker.metricsOnly();

    call(breaker, 'xxxxx');

    expect(breaker.state).toBe('metrics-only');
    expect(breaker.wouldPermit()).toBe(true);
    expect(breaker.retryAfterMs).toBe(0);
    expect(breaker.metrics).toMatchObject({ bufferedCalls: 5, failedCalls: 5, failureRate: 100 });
  });

  it.each(['forceOpen', 'disable', 'metricsOnly'] as const)('stays as it is when %s() is called twice', (method) => {
    const breaker = new CircuitBreaker();
    const changes: string[] = [];
    breaker.transitions$.subscribe(({ to }) => changes.push(to));
    breaker[method]();
    breaker.tryAcquire()?.failure(new Error('boom'));
    const { metrics } = breaker;

    breaker[method]();

    expect(changes).toHaveLength(1);
    expect(breaker.metrics).toEqual(metrics);
  });

  it.each(['forceOpen', 'disable', 'metricsOnly'] as const)(
    'is closed and empty when %s() is followed by reset()',
    (method) => {
      const breaker = new CircuitBreaker();
      breaker[method]();
      breaker.tryAcquire()?.failure(new Error('boom'));

      breaker.reset();

      expect(breaker.state).toBe('closed');
      expect(breaker.metrics).toMatchObject({ bufferedCalls: 0, notPermittedCalls: 0 });
    },
  );

  it('forgets what it counted when a closed one is reset, and says nothing of it', () => {
    const breaker = new CircuitBreaker();
    const changes: string[] = [];
    breaker.transitions$.subscribe(({ to }) => changes.push(to));
    call(breaker, 'xx');

    breaker.reset();
    call(breaker, 'x');

    expect(breaker.state).toBe('closed');
    expect(breaker.metrics.bufferedCalls).toBe(1);
    expect(changes).toEqual([]);
  });

  it('begins with the first wait again after a reset', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    call(breaker, 'xxx');
    await clock.advance(60_000);
    acquired(breaker).failure(new Error('boom'));
    const second = breaker.retryAfterMs;

    breaker.reset();
    call(breaker, 'xxx');

    expect(second).toBe(120_000);
    expect(breaker.retryAfterMs).toBe(60_000);
  });
});
