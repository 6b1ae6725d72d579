import { asyncScheduler, defer, filter, map, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { z } from 'zod';
import { clockOf } from '../clock/index.ts';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { measured } from './measured.ts';
import { SortedWindow } from './sorted-window.ts';

/** Options of {@link windowedQuantile}. */
export interface WindowedQuantileOptions<Name extends string = 'p50' | 'p99'> {
  /** Over how many of the last values: a whole number from 1 to 1 000 000. It bounds the memory. */
  readonly size: number;
  /** And not older than so many milliseconds. Without it a value counts until `size` others have come. */
  readonly windowMs?: number;
  /** Which quantiles, each a share above 0 and up to 1 by its name: `{ p50: 0.5, p99: 0.99 }` by default. */
  readonly quantiles?: Readonly<Record<Name, number>>;
  /** The time of `windowMs`. RxJS's asyncScheduler by default. */
  readonly scheduler?: SchedulerLike;
}

/** Each quantile by its name, and over how many values it was taken. */
export type Quantiles<Name extends string> = Readonly<Record<Name | 'count', number>>;

const optionsSchema = z.strictObject({
  size: z.int().positive().max(1_000_000).describe('a whole number of values from 1 to 1 000 000'),
  windowMs: z.number().positive().describe('a number of milliseconds above 0').optional(),
  quantiles: z
    .record(z.string(), z.number().gt(0).lte(1).describe('a share above 0 and up to 1'))
    .default({ p50: 0.5, p99: 0.99 }),
  scheduler: z.custom<SchedulerLike>().optional(),
});

/**
 * Tells the quantiles of the last values, at each value.
 *
 *     values$                        -1---9---5-n-2-|     (n: null, could not be measured)
 *     windowedQuantile({ size: 3 })  -a---b---c---d-|     (p50: 1, 1, 5, 5)
 *
 * By nearest rank: each is a value that came, the smallest that at least that share of the window does not exceed. What could not
 * be measured is passed over. Memory is bounded by `size`; a value costs a search and a move within a sorted array of that size.
 * Completes and errors with its source.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * // a step that takes five times as long as half of the last thousand
 * durations$.pipe(windowedQuantile({ size: 1_000 }), filter(({ p50, p99 }) => p99 > 5 * p50));
 */
export function windowedQuantile<Name extends string = 'p50' | 'p99'>(
  options: WindowedQuantileOptions<Name>,
): OperatorFunction<number | null | undefined, Quantiles<Name>> {
  const { size, windowMs, quantiles, scheduler } = parseOptions(
    optionsSchema,
    options,
    'The options of windowedQuantile',
  );
  if ('count' in quantiles)
    throw new ConfigurationError(
      'The options of windowedQuantile: "quantiles" names one "count", which is how many values there were: give it another name',
    );
  const clock = clockOf(scheduler ?? asyncScheduler);
  const shares = Object.entries(quantiles);
  return (values$) =>
    defer(() => {
      const window = new SortedWindow(size);
      return values$.pipe(
        map(measured),
        filter((value) => value !== null),
        map((value) => {
          const nowMs = windowMs === undefined ? 0 : clock.now();
          if (windowMs !== undefined) window.forgetBefore(nowMs - windowMs);
          window.add(value, nowMs);
          const told = shares.map(([name, share]) => [name, window.quantile(share)]);
          return { ...Object.fromEntries(told), count: window.count } as Quantiles<Name>;
        }),
      );
    });
}
