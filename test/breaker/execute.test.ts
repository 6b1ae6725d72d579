import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CallNotPermittedError, CircuitBreaker } from '../../src/breaker/index.ts';
import { ConfigurationError } from '../../src/errors/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { call } from './calls.ts';

const down = new Error('down');
/** What is no Promise, and can be awaited. */
const thenable = {
  then: (done: (value: number) => void) => {
    done(7);
  },
} as PromiseLike<number>;

describe('execute', () => {
  it.each([
    { what: 'a value', made: () => 7 },
    { what: 'a promise', made: () => Promise.resolve(7) },
    { what: 'a thenable', made: () => thenable },
  ])('gives what the call gives, $what, and counts a success', async ({ made }) => {
    const breaker = new CircuitBreaker();

    await expect(breaker.execute<number>(made)).resolves.toBe(7);

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 1, failedCalls: 0 });
  });

  it.each([
    {
      what: 'throws',
      made: (): never => {
        throw down;
      },
    },
    { what: 'rejects', made: () => Promise.reject(down) },
  ])('rejects with the error of a call that $what, and counts a failure', async ({ made }) => {
    const breaker = new CircuitBreaker();

    await expect(breaker.execute(made)).rejects.toBe(down);

    expect(breaker.metrics).toMatchObject({ bufferedCalls: 1, failedCalls: 1 });
  });

  it('leaves it to the breaker which errors count', async () => {
    const breaker = new CircuitBreaker({ recordFailure: (error) => error !== down });

    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);

    expect(breaker.metrics.bufferedCalls).toBe(0);
  });

  it('counts what an async recordFailure says nothing of in time, and hears its rejection', async () => {
    const recordFailure = () => Promise.reject(new Error('oh'));
    const breaker = new CircuitBreaker({ recordFailure: recordFailure as unknown as () => boolean });

    await expect(breaker.execute(() => Promise.reject(down))).rejects.toBe(down);
    // An unhandled rejection is told after this turn, and fails the test run.
    await new Promise((resolve) => setImmediate(resolve));

    expect(breaker.metrics.failedCalls).toBe(1);
  });

  it('tells the breaker before whoever awaits it hears', async () => {
    const breaker = new CircuitBreaker({ minimumNumberOfCalls: 1 });

    const state = await breaker.execute(() => Promise.reject(down)).catch(() => breaker.state);

    expect(state).toBe('open');
  });

  it('makes no call while the breaker is open, and rejects with when to try again', async () => {
    const breaker = new CircuitBreaker({ name: 'games', clock: new VirtualClock() });
    call(breaker, 'xxx');
    let made = 0;

    const refused = breaker.execute(() => made++);

    await expect(refused).rejects.toBeInstanceOf(CallNotPermittedError);
    await expect(refused).rejects.toMatchObject({ breaker: 'games', retryAfterMs: 60_000 });
    expect(made).toBe(0);
    expect(breaker.metrics.notPermittedCalls).toBe(1);
  });

  it('rejects only when whoever called could await it', async () => {
    const breaker = new CircuitBreaker();
    breaker.forceOpen();

    const refused = breaker.execute(() => 7);

    expect(inspect(refused)).toContain('<pending>');
    await expect(refused).rejects.toBeInstanceOf(CallNotPermittedError);
  });

  it('closes a half-open breaker by a call that went well', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker({ clock });
    call(breaker, 'xxx');
    await clock.advance(60_000);

    await breaker.execute(() => 7);

    expect(breaker.state).toBe('closed');
  });

  it('counts a call that was begun before the last change of state no more', async () => {
    const breaker = new CircuitBreaker();
    let end = (): void => undefined;
    const slow = breaker.execute(() => new Promise<void>((resolve) => (end = resolve)));
    breaker.reset();
    end();

    await slow;

    expect(breaker.metrics.bufferedCalls).toBe(0);
  });

  it('asks for a function where a promise came, and has counted nothing', async () => {
    const breaker = new CircuitBreaker();

    const refused = breaker.execute(Promise.resolve(7) as never);

    await expect(refused).rejects.toBeInstanceOf(ConfigurationError);
    await expect(refused).rejects.toThrow(
      'breaker.execute(call) takes a function that makes the call, but a Promise came: breaker.execute(() => ask())',
    );
    expect(breaker.metrics.bufferedCalls).toBe(0);
  });
});
