import { defer, filter, type OperatorFunction } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { epochEnds } from './epoch-ends.ts';
import { measured } from './measured.ts';
import type { TriggerPoint } from './trigger.ts';

/** Options of {@link onBestMetric}. */
export interface OnBestMetricOptions {
  /** Which is better: the smaller (`min`, as of a loss; the default) or the larger (`max`, as of an accuracy). */
  readonly mode?: 'min' | 'max';
  /** By how much more than this a value must be better than the best before it: 0 by default. */
  readonly minDelta?: number;
}

const optionsSchema = z.strictObject({
  mode: z.enum(['min', 'max']).describe("'min' or 'max'").default('min'),
  minDelta: z.number().nonnegative().describe('a finite number from 0 on').default(0),
});

const metricSchema = z.string().min(1).describe('the name of a metric');

/**
 * Fires at the end of an epoch whose metric is better than ever before.
 *
 *     events$               -9-7-8-n-7-5-|     (epoch:end, by its loss; n: NaN)
 *     onBestMetric('loss')  -9-7-------5-|
 *
 * The first epoch that has the metric is the best so far, and fires. What is no finite number is never best, and as good is not
 * better. An interrupted epoch has not ended. Completes and errors with its source.
 *
 * @param metric the name of a metric that the epochs end with
 * @throws {ConfigurationError} one sentence about the first mistake.
 *
 * @example
 * evaluation({ name: 'vs-champion', when: onBestMetric('loss', { minDelta: 0.001 }), module, input });
 */
export function onBestMetric(
  metric: string,
  options: OnBestMetricOptions = {},
): OperatorFunction<RunEvent, TriggerPoint> {
  const name = parseOptions(metricSchema, metric, 'The metric of onBestMetric(metric)');
  const { mode, minDelta } = parseOptions(optionsSchema, options, 'The options of onBestMetric');
  const sign = mode === 'max' ? 1 : -1;
  return (events$) =>
    defer(() => {
      let best: number | null = null;
      return epochEnds(events$, { from: 0, fires: () => true }).pipe(
        filter(({ metrics }) => {
          const value = measured(metrics?.[name]);
          if (value === null || (best !== null && (value - best) * sign <= minDelta)) return false;
          best = value;
          return true;
        }),
      );
    });
}
