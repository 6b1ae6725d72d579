import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions, type CircuitBreakerSnapshot } from '../../src/breaker/index.ts';
import { ConfigurationError } from '../../src/errors/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { acquired, call } from './calls.ts';

/** As another process would: through JSON, on another monotonic clock. */
function restoredLater(breaker: CircuitBreaker, wallMs: number, options: CircuitBreakerOptions = {}) {
  const clock = new VirtualClock({ startMs: 5, wallMs });
  const snapshot = JSON.parse(JSON.stringify(breaker.snapshot())) as CircuitBreakerSnapshot;
  return { clock, breaker: CircuitBreaker.restore(snapshot, { clock, ...options }) };
}

describe('a restored breaker', () => {
  it('goes on with a closed count window', () => {
    const breaker = new CircuitBreaker({ clock: new VirtualClock() });
    call(breaker, '.x');

    const restored = restoredLater(breaker, 2e12);

    expect(restored.breaker.metrics).toMatchObject({ bufferedCalls: 2, failedCalls: 1 });
    call(restored.breaker, 'x');
    expect(restored.breaker.state).toBe('open');
  });

  it.each([
    { awayMs: 0, bufferedCalls: 2 },
    { awayMs: 4000, bufferedCalls: 2 },
    { awayMs: 8000, bufferedCalls: 1 },
    { awayMs: 20_000, bufferedCalls: 0 },
    { awayMs: -50_000, bufferedCalls: 2 },
  ])('counts $bufferedCalls calls of a 10 s window after $awayMs ms away', async ({ awayMs, bufferedCalls }) => {
    const clock = new VirtualClock({ wallMs: 1e12 });
    const slidingWindow = { type: 'time', sizeMs: 10_000 } as const;
    const breaker = new CircuitBreaker({ clock, slidingWindow });
    call(breaker, 'x');
    await clock.advance(4000);
    call(breaker, 'x');

    const restored = restoredLater(breaker, 1e12 + 4000 + awayMs, { slidingWindow });

    expect(restored.breaker.metrics.bufferedCalls).toBe(bufferedCalls);
  });

  it('leaves out the calls of another type of window', () => {
    const breaker = new CircuitBreaker();
    call(breaker, 'xx');

    const restored = restoredLater(breaker, 2e12, { slidingWindow: { type: 'time', sizeMs: 1000 } });

    expect(restored.breaker.metrics.bufferedCalls).toBe(0);
  });

  it.each([
    { awayMs: 0, retryAfterMs: 40_000, why: 'no time away' },
    { awayMs: 15_000, retryAfterMs: 25_000, why: 'time away counts' },
    { awayMs: 40_000, retryAfterMs: 0, why: 'the wait is over' },
    { awayMs: 1e9, retryAfterMs: 0, why: 'and never below nothing' },
    { awayMs: -1e9, retryAfterMs: 40_000, why: 'a wall clock set back never makes the wait longer' },
  ])('waits $retryAfterMs ms of the 40 s that were left after $awayMs ms: $why', async ({ awayMs, retryAfterMs }) => {
    const clock = new VirtualClock({ wallMs: 1e12 });
    const breaker = new CircuitBreaker({ clock });
    call(breaker, 'xxx');
    await clock.advance(20_000);

    const restored = restoredLater(breaker, 1e12 + 20_000 + awayMs);

    expect(restored.breaker.state).toBe('open');
    expect(restored.breaker.retryAfterMs).toBe(retryAfterMs);
    expect(restored.breaker.wouldPermit()).toBe(retryAfterMs === 0);
  });

  it('goes on with the attempt', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    call(breaker, 'xxx');
    await clock.advance(60_000);
    call(breaker, 'x');

    const restored = restoredLater(breaker, clock.wallNow());
    await restored.clock.advance(120_000);
    call(restored.breaker, 'x');

    expect(restored.breaker.retryAfterMs).toBe(240_000);
  });

  it('admits its full half-open sample again, under a new deadline', async () => {
    const clock = new VirtualClock();
    const options = { permittedNumberOfCallsInHalfOpenState: 2, maxWaitDurationInHalfOpenStateMs: 100 };
    const breaker = new CircuitBreaker({ clock, ...options });
    call(breaker, 'xxx');
    await clock.advance(60_000);
    acquired(breaker).success();
    acquired(breaker);

    const restored = restoredLater(breaker, clock.wallNow(), options);

    expect(restored.breaker.state).toBe('half-open');
    expect(restored.breaker.metrics.bufferedCalls).toBe(0);
    acquired(restored.breaker);
    acquired(restored.breaker);
    expect(restored.breaker.tryAcquire()).toBeUndefined();
    await restored.clock.advance(100);
    expect(restored.breaker.state).toBe('open');
  });

  it.each(['forceOpen', 'disable', 'metricsOnly'] as const)('is as %s() left it', (method) => {
    const breaker = new CircuitBreaker();
    breaker[method]();
    breaker.tryAcquire()?.failure(new Error('boom'));

    const restored = restoredLater(breaker, 2e12);

    expect(restored.breaker.state).toBe(breaker.state);
    expect(restored.breaker.metrics.bufferedCalls).toBe(breaker.metrics.bufferedCalls);
  });

  it('tells its state as the present one, not as a change', () => {
    const breaker = new CircuitBreaker();
    breaker.forceOpen();
    const states: string[] = [];

    restoredLater(breaker, 2e12).breaker.state$.subscribe((state) => states.push(state));

    expect(states).toEqual(['forced-open']);
  });
});

describe('a broken snapshot', () => {
  it.each([
    [null, /^The snapshot of the breaker "x" must be what snapshot\(\) of a breaker gave, but null came/],
    ['open', /but "open" came/],
    [{}, /"state" must be one of "closed", .*, but undefined came/],
    [{ state: 'ajar', attempt: 0, at: 1 }, /"state" must be one of .*, but "ajar" came/],
    [
      { state: 'open', attempt: 1, at: 1 },
      /"waitLeftMs" must be a number of milliseconds from 0 on, but undefined came/,
    ],
    [{ state: 'open', attempt: 1, at: 1, waitLeftMs: -1 }, /"waitLeftMs" must be .*, but -1 came/],
    [{ state: 'open', attempt: 0, at: 1, waitLeftMs: 1 }, /"attempt" must be a whole number from 1 on, but 0 came/],
    [{ state: 'open', attempt: 1, at: NaN, waitLeftMs: 1 }, /"at" must be wall-clock milliseconds, but NaN came/],
    [{ state: 'closed', attempt: 0, at: 1 }, /"window" must be a window with its calls, but undefined came/],
    [
      { state: 'closed', attempt: 0, at: 1, window: { type: 'count', calls: [4] } },
      /"window\.calls\[0\]" must be one of 0, 1, 2, 3/,
    ],
    [
      {
        state: 'closed',
        attempt: 0,
        at: 1,
        window: { type: 'time', slots: [{ ageMs: 1, calls: 1, failed: 2, slow: 0 }] },
      },
      /"window\.slots\[0\]" must be a slot with no more failures than calls/,
    ],
    [{ state: 'disabled', attempt: 0, at: 1, extra: 1 }, /unknown key "extra"/],
  ])('%j is one clear error', (snapshot, message) => {
    const restore = () => CircuitBreaker.restore(snapshot as unknown as CircuitBreakerSnapshot, { name: 'x' });

    expect(restore).toThrow(ConfigurationError);
    expect(restore).toThrow(message);
  });
});
