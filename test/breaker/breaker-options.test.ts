import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions } from '../../src/breaker/index.ts';
import { ConfigurationError } from '../../src/errors/index.ts';

describe('the options of a breaker', () => {
  it('have a default each', () => {
    const breaker = new CircuitBreaker();

    expect(breaker.name).toBe('breaker');
    expect(breaker.state).toBe('closed');
    expect(breaker.retryAfterMs).toBe(0);
  });

  it('may be given as undefined', () => {
    expect(new CircuitBreaker({ name: undefined, slidingWindow: undefined }).name).toBe('breaker');
  });

  it.each([
    [
      { failureRateTreshold: 40 },
      'The circuit breaker has an unknown key "failureRateTreshold": did you mean "failureRateThreshold"?',
    ],
    [{ name: 'x', halfOpenAfter: 40 }, /^The breaker "x" has an unknown key "halfOpenAfter": known are name, clock, /],
    [null, 'The circuit breaker must be an object of options, but null came'],
    [{ name: '' }, '"name" must be a name, but "" came'],
    [{ clock: Date }, '"clock" must be a Clock (now, wallNow and setTimeout), but a function came'],
    [{ slidingWindow: 10 }, `"slidingWindow" must be { type: 'count', size } or { type: 'time', sizeMs }, but 10 came`],
    [{ slidingWindow: { type: 'tiem', sizeMs: 1 } }, '"slidingWindow.type" must be "count" or "time", but "tiem" came'],
    [
      { slidingWindow: { type: 'time', size: 9 } },
      'The slidingWindow of the circuit breaker has an unknown key "size": did you mean "sizeMs"?',
    ],
    [{ slidingWindow: { type: 'time' } }, 'has the type "time" but no "sizeMs", in milliseconds'],
    [{ slidingWindow: { type: 'count' } }, 'has the type "count" but no "size", in calls'],
    [
      { slidingWindow: { type: 'count', size: 0 } },
      '"size" must be a whole number of calls from 1 to 10 000 000, but 0 came',
    ],
    [{ slidingWindow: { type: 'count', size: 1.5 } }, '"size" must be a whole number of calls'],
    [{ slidingWindow: { type: 'time', sizeMs: 0 } }, '"sizeMs" must be a number of milliseconds above 0, but 0 came'],
    [{ minimumNumberOfCalls: 0 }, '"minimumNumberOfCalls" must be a whole number of calls from 1 on, but 0 came'],
    [{ failureRateThreshold: 0 }, '"failureRateThreshold" must be a percentage above 0 and up to 100, but 0 came'],
    [{ failureRateThreshold: 100.1 }, 'but 100.1 came'],
    [{ failureRateThreshold: NaN }, 'but NaN came'],
    [{ slowCallDurationMs: -1 }, '"slowCallDurationMs" must be a number of milliseconds above 0, but -1 came'],
    [{ slowCallRateThreshold: 50 }, 'has a slowCallRateThreshold but no slowCallDurationMs'],
    [{ waitDurationInOpenStateMs: '30m' }, /but "30m" came: give a plain number in the unit that the key names/],
    [{ waitDurationInOpenStateMs: Infinity }, 'but Infinity came'],
    [
      { permittedNumberOfCallsInHalfOpenState: 0 },
      '"permittedNumberOfCallsInHalfOpenState" must be a whole number of calls',
    ],
    [
      { maxWaitDurationInHalfOpenStateMs: 0 },
      '"maxWaitDurationInHalfOpenStateMs" must be a number of milliseconds above 0',
    ],
    [{ recordFailure: true }, '"recordFailure" must be a function of an error that gives true or false, but true came'],
  ])('%j are refused in one sentence', (options, message) => {
    const construct = () => new CircuitBreaker(options as unknown as CircuitBreakerOptions);

    expect(construct).toThrow(ConfigurationError);
    expect(construct).toThrow(message);
  });

  it.each([
    { failureRateThreshold: 0.1 },
    { failureRateThreshold: 100 },
    { waitDurationInOpenStateMs: 0 },
    { slidingWindow: { type: 'count', size: 1 } },
    { slidingWindow: { type: 'time', sizeMs: 0.5 } },
  ] as const)('%j are fine', (options) => {
    expect(() => new CircuitBreaker(options)).not.toThrow();
  });
});
