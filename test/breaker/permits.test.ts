import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type Permit } from '../../src/breaker/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { acquired, call } from './calls.ts';

describe('a permit', () => {
  const uses = {
    success: (permit: Permit) => {
      permit.success();
    },
    failure: (permit: Permit) => {
      permit.failure(new Error('boom'));
    },
    release: (permit: Permit) => {
      permit.release();
    },
  };

  it.each([
    { first: 'success', bufferedCalls: 1, failedCalls: 0 },
    { first: 'failure', bufferedCalls: 1, failedCalls: 1 },
    { first: 'release', bufferedCalls: 0, failedCalls: 0 },
  ] as const)('counts once: after $first nothing more of it counts', ({ first, ...figures }) => {
    const breaker = new CircuitBreaker();
    const permit = acquired(breaker);

    uses[first](permit);
    for (const use of Object.values(uses)) use(permit);

    expect(breaker.metrics).toMatchObject(figures);
  });

  const changes: Record<string, (breaker: CircuitBreaker) => void> = {
    'a reset while closed': (breaker) => {
      breaker.reset();
    },
    'an opening and a reset': (breaker) => {
      call(breaker, 'xxx');
      breaker.reset();
    },
    'forced open and reset': (breaker) => {
      breaker.forceOpen();
      breaker.reset();
    },
    'metrics-only': (breaker) => {
      breaker.metricsOnly();
    },
    'disabled and metrics-only': (breaker) => {
      breaker.disable();
      breaker.metricsOnly();
    },
  };

  it.each(Object.keys(changes))('of before %s changes nothing', (change) => {
    const breaker = new CircuitBreaker({ minimumNumberOfCalls: 1 });
    const stale = [acquired(breaker), acquired(breaker), acquired(breaker)];
    const settled = new CircuitBreaker({ minimumNumberOfCalls: 3 });
    const staleToo = [acquired(settled), acquired(settled), acquired(settled)];
    changes[change]!(settled);
    breaker.reset();

    for (const permit of [...stale, ...staleToo]) permit.failure(new Error('late'));

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 0, failedCalls: 0 });
    expect(settled.metrics).toMatchObject({ bufferedCalls: 0, failedCalls: 0 });
    expect(breaker.state).toBe('closed');
  });

  it('of the closed state decides nothing in half-open', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    const stale = [acquired(breaker), acquired(breaker), acquired(breaker)];
    call(breaker, 'xxx');
    await clock.advance(60_000);
    const probe = acquired(breaker);

    stale[0]!.success();
    stale[1]!.failure(new Error('late'));
    stale[2]!.release();

    expect(breaker.state).toBe('half-open');
    expect(breaker.metrics.bufferedCalls).toBe(0);
    expect(breaker.tryAcquire()).toBeUndefined();
    probe.success();
    expect(breaker.state).toBe('closed');
  });

  it('of an earlier half-open decides nothing in a later one', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock, maxWaitDurationInHalfOpenStateMs: 10, waitDurationInOpenStateMs: 100 });
    call(breaker, 'xxx');
    await clock.advance(100);
    const hung = acquired(breaker);
    await clock.advance(110);
    const probe = acquired(breaker);

    hung.success();

    expect(breaker.state).toBe('half-open');
    probe.failure(new Error('boom'));
    expect(breaker.state).toBe('open');
  });
});

describe('recordFailure', () => {
  const notOurs = new Error('not ours');

  it('gives the permit back where it gives false, and counts everything else', () => {
    const breaker = new CircuitBreaker({ recordFailure: (error) => error !== notOurs });

    acquired(breaker).failure(notOurs);
    const ignored = breaker.metrics;
    acquired(breaker).failure(new Error('ours'));

    expect(ignored).toMatchObject({ bufferedCalls: 0, failedCalls: 0 });
    expect(breaker.metrics).toMatchObject({ bufferedCalls: 1, failedCalls: 1 });
  });

  it.each([
    { gives: 'undefined', recordFailure: () => undefined as unknown as boolean },
    { gives: '0', recordFailure: () => 0 as unknown as boolean },
    {
      gives: 'a throw',
      recordFailure: () => {
        throw new Error('in recordFailure');
      },
    },
  ])('counts the call where it gives $gives', ({ recordFailure }) => {
    const breaker = new CircuitBreaker({ recordFailure });

    expect(() => {
      acquired(breaker).failure(new Error('boom'));
    }).not.toThrow();

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 1, failedCalls: 1 });
  });

  it('frees the place of an ignored half-open call', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock, recordFailure: (error) => error !== notOurs });
    call(breaker, 'xxx');
    await clock.advance(60_000);

    acquired(breaker).failure(notOurs);

    expect(breaker.state).toBe('half-open');
    expect(breaker.wouldPermit()).toBe(true);
  });

  it('that changes the state itself makes its own permit stale', () => {
    const breaker: CircuitBreaker = new CircuitBreaker({
      recordFailure: () => {
        breaker.metricsOnly();
        return true;
      },
    });

    acquired(breaker).failure(new Error('boom'));

    expect(breaker.metrics.bufferedCalls).toBe(0);
  });

  it('is not asked about a stale permit', () => {
    const asked: unknown[] = [];
    const breaker = new CircuitBreaker({ recordFailure: (error) => asked.push(error) > 0 });
    const permit = acquired(breaker);
    breaker.reset();

    permit.failure(notOurs);

    expect(asked).toEqual([]);
  });
});
