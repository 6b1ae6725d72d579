import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/breaker/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { call } from './calls.ts';

describe('a closed breaker', () => {
  it.each([
    { failureRateThreshold: 50, outcomes: 'xx', state: 'closed', why: 'one call below the minimum volume' },
    { failureRateThreshold: 50, outcomes: 'xxx', state: 'open', why: 'at the minimum volume' },
    { failureRateThreshold: 50, outcomes: '..x', state: 'closed', why: '33% is below' },
    { failureRateThreshold: 50, outcomes: '..xx', state: 'open', why: '50% is at' },
    { failureRateThreshold: 50, outcomes: 'xx.', state: 'open', why: 'a success that makes the volume is judged too' },
    { failureRateThreshold: 100, outcomes: 'xxxxxxxxx.', state: 'open', why: 'the first three were all failures' },
    { failureRateThreshold: 100, outcomes: '.xxxxxxxxx', state: 'closed', why: '90% is below 100' },
    { failureRateThreshold: 100, outcomes: '.xxxxxxxxxx', state: 'open', why: 'the success has left the window of 10' },
    {
      failureRateThreshold: 50,
      outcomes: 'x.........xxxx',
      state: 'closed',
      why: 'the oldest failure has left: 4 of 10',
    },
    { failureRateThreshold: 50, outcomes: 'x.........xxxxx', state: 'open', why: '5 of the last 10' },
  ])('is $state after $outcomes with a threshold of $failureRateThreshold%: $why', (given) => {
    const breaker = new CircuitBreaker({ failureRateThreshold: given.failureRateThreshold });

    for (const outcome of given.outcomes) if (breaker.state === 'closed') call(breaker, outcome);

    expect(breaker.state).toBe(given.state);
  });

  it.each([
    { failed: 28, state: 'closed' },
    { failed: 29, state: 'open' },
  ])(
    'is $state with $failed of 100 failed and a threshold of 29%, whatever a division would give',
    ({ failed, state }) => {
      const breaker = new CircuitBreaker({
        slidingWindow: { type: 'count', size: 100 },
        minimumNumberOfCalls: 100,
        failureRateThreshold: 29,
      });

      call(breaker, '.'.repeat(100 - failed) + 'x'.repeat(failed));

      expect(breaker.state).toBe(state);
      expect(breaker.metrics.failureRate).toBe(failed);
    },
  );

  it('takes a minimum volume above the window as the size of the window', () => {
    const breaker = new CircuitBreaker({ slidingWindow: { type: 'count', size: 2 }, minimumNumberOfCalls: 5 });

    call(breaker, 'xx');

    expect(breaker.state).toBe('open');
  });

  it('reads no clock for a call with the defaults', () => {
    const clock = new VirtualClock();
    let readings = 0;
    const read = () => readings++;
    const breaker = new CircuitBreaker({ clock: { now: read, wallNow: read, setTimeout: () => () => undefined } });

    call(breaker, '.x.-.');

    expect(readings).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells rates only from the minimum volume on', () => {
    const breaker = new CircuitBreaker();

    call(breaker, '.x');
    const below = breaker.metrics;
    call(breaker, '.');

    expect(below).toEqual({
      bufferedCalls: 2,
      failedCalls: 1,
      slowCalls: 0,
      notPermittedCalls: 0,
      failureRate: null,
      slowCallRate: null,
    });
    expect(breaker.metrics).toMatchObject({ bufferedCalls: 3, failedCalls: 1, slowCallRate: null });
    expect(breaker.metrics.failureRate).toBeCloseTo(33.33);
  });
});

describe('an open breaker', () => {
  it('keeps the figures that opened it and counts what it did not admit', () => {
    const breaker = new CircuitBreaker();
    call(breaker, 'xxx');

    breaker.tryAcquire();
    breaker.tryAcquire();

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 3, failedCalls: 3, failureRate: 100, notPermittedCalls: 2 });
  });

  it.each([
    { afterMs: 0, retryAfterMs: 60_000, wouldPermit: false, state: 'open' },
    { afterMs: 59_999, retryAfterMs: 1, wouldPermit: false, state: 'open' },
    { afterMs: 60_000, retryAfterMs: 0, wouldPermit: true, state: 'half-open' },
    { afterMs: 90_000, retryAfterMs: 0, wouldPermit: true, state: 'half-open' },
  ])('is $state once asked after $afterMs ms of its 60 s', async ({ afterMs, retryAfterMs, wouldPermit, state }) => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    call(breaker, 'xxx');

    await clock.advance(afterMs);

    expect(breaker.retryAfterMs).toBe(retryAfterMs);
    expect(breaker.wouldPermit()).toBe(wouldPermit);
    expect(breaker.state).toBe('open'); // nobody has asked for a call yet
    expect(breaker.tryAcquire() !== undefined).toBe(wouldPermit);
    expect(breaker.state).toBe(state);
  });

  it('waits 60 s, and twice as long after each failed attempt, up to 30 min', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    const waits: (number | null)[] = [];
    call(breaker, 'xxx');

    for (let attempt = 1; attempt <= 7; attempt++) {
      waits.push(breaker.retryAfterMs);
      await clock.advance(breaker.retryAfterMs ?? 0);
      call(breaker, 'x');
    }

    expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]);
  });

  it('begins again with the first wait after it has closed', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    call(breaker, 'xxx');
    await clock.advance(60_000);
    call(breaker, 'x');
    await clock.advance(120_000);

    call(breaker, '.xxx');

    expect(breaker.state).toBe('open');
    expect(breaker.retryAfterMs).toBe(60_000);
  });

  it('asks a function for its wait once an opening, with the attempt from 1', async () => {
    const clock = new VirtualClock();
    const asked: number[] = [];
    const waitDurationInOpenStateMs = (attempt: number) => {
      asked.push(attempt);
      return attempt * 10;
    };
    const breaker = new CircuitBreaker({ clock, waitDurationInOpenStateMs });

    call(breaker, 'xxx');
    const first = [breaker.retryAfterMs, breaker.tryAcquire(), breaker.wouldPermit()];
    await clock.advance(10);
    call(breaker, 'x');

    expect(first).toEqual([10, undefined, false]);
    expect(breaker.retryAfterMs).toBe(20);
    expect(asked).toEqual([1, 2]);
  });

  it.each([
    {
      fault: 'throws',
      wait: () => {
        throw new Error('no');
      },
    },
    { fault: 'gives NaN', wait: () => NaN },
    { fault: 'gives a negative', wait: () => -1 },
    { fault: 'gives Infinity', wait: () => Infinity },
    { fault: 'gives a string', wait: () => '5s' as unknown as number },
  ])('opens for the default wait when the function of the attempt $fault, and says so', ({ wait }) => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock, waitDurationInOpenStateMs: wait });
    const reasons: string[] = [];
    breaker.transitions$.subscribe(({ reason }) => reasons.push(reason));

    call(breaker, 'xxx');

    expect(breaker.retryAfterMs).toBe(60_000);
    expect(reasons).toEqual([expect.stringMatching(/^3 of 3 calls failed.*the default of 60000 ms holds$/)]);
  });

  it('leaves it at what the function of the attempt did itself to the breaker', () => {
    const breaker: CircuitBreaker = new CircuitBreaker({
      waitDurationInOpenStateMs: () => {
        breaker.disable();
        return 10;
      },
    });

    call(breaker, 'xxx');

    expect(breaker.state).toBe('disabled');
  });
});
