import { asyncScheduler, defer, filter, map, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { z } from 'zod';
import { clockOf } from '../clock/index.ts';
import { parseOptions } from '../errors/index.ts';
import { measured } from './measured.ts';
import { SlopeWindow } from './slope-window.ts';

/** Options of {@link windowedSlope}. */
export interface WindowedSlopeOptions {
  /** Over how long, in ms. Nothing is told before values have come for so long. */
  readonly windowMs: number;
  /** The time. RxJS's asyncScheduler by default. */
  readonly scheduler?: SchedulerLike;
}

/** How fast a value grows: of the straight line that fits the window best. */
export interface Slope {
  /** In units a second; below 0 it falls. */
  readonly perSecond: number;
  /** The value that ended the window. */
  readonly value: number;
  /** Over how many values. */
  readonly count: number;
}

const optionsSchema = z.strictObject({
  windowMs: z.number().positive().describe('a number of milliseconds above 0'),
  scheduler: z.custom<SchedulerLike>().optional(),
});

/**
 * Tells how fast a value grows, at each value once the window is full.
 *
 *     values$                          0-2-4-6-n-2-|     (n: null, could not be measured)
 *     windowedSlope({ windowMs: 4 })   ----a-b---c-|     (a, b: 1 000 a second)
 *
 * By least squares over all values of the window, so that one outlier says little. What could not be measured is passed over; after
 * a silence nothing is told until the values reach back over half of the window, because a slope of a moment is none. The
 * window is kept in 64 slots, whatever comes: values leave it a slot at a time. Completes and errors with its source.
 *
 * @throws {ConfigurationError} when `windowMs` is not a finite number above 0.
 *
 * @example
 * samples$.pipe(map(({ memoryMb }) => memoryMb), windowedSlope({ windowMs: 60_000 })); // MB a second, over a minute
 */
export function windowedSlope(options: WindowedSlopeOptions): OperatorFunction<number | null | undefined, Slope> {
  const { windowMs, scheduler } = parseOptions(optionsSchema, options, 'The options of windowedSlope');
  const clock = clockOf(scheduler ?? asyncScheduler);
  return (values$) =>
    defer(() => {
      const window = new SlopeWindow(windowMs);
      return values$.pipe(
        map(measured),
        filter((value) => value !== null),
        map((value): Slope | undefined => {
          window.add(value, clock.now());
          const perMs = window.isFull ? window.slope() : null;
          return perMs === null ? undefined : { perSecond: perMs * 1000, value, count: window.count };
        }),
        filter((slope) => slope !== undefined),
      );
    });
}
