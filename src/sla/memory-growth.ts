import { filter, map } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import { breach, windowedSlope } from '../operators/index.ts';
import { limitOptionsSchema, positiveLimit, type LimitOptions } from './limit.ts';
import { rounded } from './rounded.ts';
import { named } from './named.ts';
import type { Safeguard } from './safeguard.ts';
import { violationOf } from './violation-of.ts';

/** Options of {@link memoryGrowth}. */
export interface MemoryGrowthOptions extends LimitOptions {
  /** Over how long the growth is looked at, in ms: a minute by default. Nothing is told of an evaluation before it has lasted so long. */
  readonly windowMs?: number;
}

const optionsSchema = limitOptionsSchema.extend({
  windowMs: z.number().positive().describe('milliseconds, a finite number above 0').default(60_000),
});

/**
 * Ends an evaluation whose memory grows by more than `limitMbPerMinute` on end, as by a leak: the rule `memoryGrowthMbPerMinute`.
 *
 *     samples$                               2-3-4-5-6-6-6-7-8-|     (MB, one sample each 10 s)
 *     memoryGrowth(4, { windowMs: 40_000 })  --------v---------|     (6 MB a minute)
 *
 * The growth is the slope of the straight line that fits the window best (least squares), so that neither a single peak nor the
 * loading of a model before the window breaks the rule. What could not be measured is passed over. Emits once for each time that
 * the growth comes to lie above the limit. Completes with `samples$`.
 *
 * @param limitMbPerMinute MB of 2^20 bytes, a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function memoryGrowth(limitMbPerMinute: number, options: MemoryGrowthOptions = {}): Safeguard {
  positiveLimit(limitMbPerMinute, 'memoryGrowth', 'MB a minute');
  const { windowMs, action } = parseOptions(optionsSchema, options, 'The options of memoryGrowth');
  return named('memoryGrowth', (guarded) =>
    guarded.samples$.pipe(
      map(({ memoryMb }) => memoryMb),
      windowedSlope({ windowMs, scheduler: guarded.scheduler }),
      breach(({ perSecond }) => perSecond * 60, { limit: limitMbPerMinute }),
      filter(({ kind }) => kind === 'start'),
      map(({ value, sample: { value: memoryMb } }) =>
        violationOf(guarded, {
          rule: 'memoryGrowthMbPerMinute',
          limit: limitMbPerMinute,
          observed: value,
          unit: 'MB/min',
          action,
          message: `The memory of "${guarded.name}" has grown by ${rounded(value)} MB a minute over ${windowMs} ms, to ${rounded(memoryMb)} MB, and the limit is ${limitMbPerMinute} MB a minute (memoryGrowthMbPerMinute): it may leak`,
        }),
      ),
    ),
  );
}
