import { defer, finalize, tap, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions, told } from '../errors/index.ts';
import { CallNotPermittedError } from './call-not-permitted-error.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { RecordFailure } from './permit.ts';

export interface WithBreakerOptions {
  /**
   * Tells which errors of this source count, for a breaker that was given no `recordFailure` of its own: `false` gives the permit
   * back, a throw counts. Default: all.
   */
  readonly recordFailure?: RecordFailure | undefined;
}

const optionsSchema = z.strictObject({
  recordFailure: z
    .custom<RecordFailure>((value) => typeof value === 'function')
    .describe('a function of an error that gives true or false')
    .optional(),
});

/** Known to be right, so that an operator made anew for each call costs no look at its options. */
const noOptions: WithBreakerOptions = {};

/**
 * Subscribes to the source only when the breaker admits it, and tells the breaker how it ended.
 *
 * A value and then completion is a success, an error a failure; each is told to the breaker before downstream hears. A completion
 * without a value, or an unsubscription before either, gives the permit back once the source is torn down. So what ends a source
 * early, `take(1)` or `timeout`, belongs above it: below, its end is an unsubscription, and counts as nothing.
 *
 *     source        --r|
 *                   withBreaker (closed)
 *     result        --r|            counted as a success
 *
 *                   withBreaker (open)
 *     result        #               CallNotPermittedError, and the source is never subscribed to
 *
 * @param options what counts, where the breaker does not know that itself
 * @returns an operator whose Observable emits and ends as the source does, or errors with {@link CallNotPermittedError}.
 * @throws {ConfigurationError} for what is no breaker, and for an option that there is not.
 *
 * @example
 * const breaker = new CircuitBreaker({ name: 'vs-random' });
 * defer(() => playGames()).pipe(timeout(60_000), withBreaker(breaker)).subscribe({ error: console.error });
 */
export function withBreaker<T>(
  breaker: CircuitBreaker,
  options: WithBreakerOptions = noOptions,
): MonoTypeOperatorFunction<T> {
  if (typeof (breaker as Partial<CircuitBreaker> | null | undefined)?.tryAcquire !== 'function')
    throw new ConfigurationError(
      `withBreaker(breaker) takes a CircuitBreaker, but ${told(breaker)} came: withBreaker(new CircuitBreaker({ name: 'vs-random' }))`,
    );
  const { recordFailure } =
    options === noOptions ? noOptions : parseOptions(optionsSchema, options, 'The options of withBreaker');
  return (source) =>
    defer(() => {
      const permit = breaker.tryAcquire();
      if (permit === undefined) {
        const { name, retryAfterMs } = breaker;
        return throwError(() => new CallNotPermittedError(name, retryAfterMs));
      }
      let hasValue = false;
      return source.pipe(
        tap({
          next: () => {
            hasValue = true;
          },
          error: (error: unknown) => {
            permit.failure(error, recordFailure);
          },
          complete: () => {
            if (hasValue) permit.success();
          },
        }),
        // Runs after the source's own teardown; a permit that has its verdict takes no second word.
        finalize(() => {
          permit.release();
        }),
      );
    });
}
