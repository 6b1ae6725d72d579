import { defer, filter, map, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { functionGiven } from './function-given.ts';
import { measured } from './measured.ts';

/** Options of {@link breach}. */
export interface BreachOptions {
  /** Beyond it a breach begins; at it there is none. */
  readonly limit: number;
  /** Where a breach ends, at or within the limit, so that what wavers around the limit is one breach. `limit` by default. */
  readonly clearAt?: number;
  /** On which side of the limit a breach is: `above` by default. */
  readonly side?: 'above' | 'below';
}

/** A value has gone beyond a limit (`start`), or has come back (`end`). */
export type BreachChange<T> =
  | { readonly kind: 'start'; readonly value: number; readonly sample: T }
  | {
      readonly kind: 'end';
      readonly value: number;
      readonly sample: T;
      /** The value that was furthest beyond the limit. */
      readonly worst: number;
    };

const finite = z.number().describe('a finite number');

const optionsSchema = z.strictObject({
  limit: finite,
  clearAt: finite.optional(),
  side: z.enum(['above', 'below']).describe("'above' or 'below'").default('above'),
});

/**
 * Turns samples into breaches of a limit, each with its start and its end.
 *
 *     samples$                              -3-6-7-4-8-n-3-|     (n: null, could not be measured)
 *     breach(read, { limit: 5 })            ---s---e-s---e-|     (s: start, e: end)
 *
 *     samples$                              -3-6-5-6-4-3---|
 *     …, { limit: 5, clearAt: 4 }           ---s-----e-----|
 *
 * What could not be measured (`null`, `undefined`, NaN) neither begins a breach nor ends one. A breach that lasts when the source
 * ends has no end. Completes and errors with its source, and errors with what `read` throws.
 *
 * @param read the value of a sample, or `null` where it has none
 * @throws {ConfigurationError} for a limit that is no finite number, for a `clearAt` beyond it, and for a `read` that is no function.
 *
 * @example
 * samples$.pipe(breach(({ memoryMb }) => memoryMb, { limit: 800, clearAt: 700 }));
 */
export function breach<T>(
  read: (sample: T) => number | null | undefined,
  options: BreachOptions,
): OperatorFunction<T, BreachChange<T>> {
  functionGiven(
    read,
    'breach(read, options) takes a function that reads a sample',
    'breach(({ memoryMb }) => memoryMb, { limit: 800 })',
  );
  const { limit, clearAt = limit, side } = parseOptions(optionsSchema, options, 'The options of breach');
  const sign = side === 'above' ? 1 : -1;
  if ((clearAt - limit) * sign > 0)
    throw new ConfigurationError(
      `breach({ limit, clearAt }) ends a breach where the value is back within the limit of ${limit}, but a clearAt of ${clearAt} lies beyond it: give one that is ${side === 'above' ? 'at most' : 'at least'} ${limit}`,
    );
  return (samples$) =>
    defer(() => {
      /** The furthest value of the breach that lasts. */
      let worst: number | null = null;
      return samples$.pipe(
        map((sample): BreachChange<T> | undefined => {
          const value = measured(read(sample));
          if (value === null) return undefined;
          if (worst === null) {
            if ((value - limit) * sign <= 0) return undefined;
            worst = value;
            return { kind: 'start', value, sample };
          }
          if ((value - clearAt) * sign > 0) {
            if ((value - worst) * sign > 0) worst = value;
            return undefined;
          }
          const ended = { kind: 'end' as const, value, sample, worst };
          worst = null;
          return ended;
        }),
        filter((change) => change !== undefined),
      );
    });
}
