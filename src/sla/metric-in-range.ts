import { filter, map, merge, share } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { breach } from '../operators/index.ts';
import { limitOptionsSchema, type LimitOptions } from './limit.ts';
import { rounded } from './rounded.ts';
import { named } from './named.ts';
import type { Safeguard } from './safeguard.ts';
import { violationOf } from './violation-of.ts';

/** Options of {@link metricInRange}: at least one bound. */
export interface MetricInRangeOptions extends LimitOptions {
  /** The least that is in range. */
  readonly min?: number;
  /** The most that is in range. */
  readonly max?: number;
}

const optionsSchema = limitOptionsSchema.extend({
  min: z.number().describe('a finite number').optional(),
  max: z.number().describe('a finite number').optional(),
});

/**
 * Ends an evaluation when a metric of the training leaves its range meanwhile: the rule is the metric's name.
 *
 *     run$                               -2-4-9-9-3-n-8-|     (epoch:end, by its loss; n: NaN)
 *     metricInRange('loss', { max: 5 })  -----v-------v-|
 *
 * Reads the metric of each `epoch:end` and `step` that has it; what is no finite number is unmeasured, and compares with nothing.
 * Emits once for each time that the metric leaves the range. Completes with `run$`.
 *
 * @param metric the name of a metric that epochs or steps tell
 * @throws {ConfigurationError} one sentence about the first mistake.
 *
 * @example
 * // a training that has diverged is not worth an evaluation
 * evaluation({ name: 'vs-random', every: 5, module, input, safeguards: [metricInRange('loss', { max: 10 })] });
 */
export function metricInRange(metric: string, options: MetricInRangeOptions): Safeguard {
  const name = parseOptions(z.string().min(1).describe('a name'), metric, 'The metric of metricInRange(metric)');
  const { min, max, action } = parseOptions(optionsSchema, options, 'The options of metricInRange');
  if ((min === undefined && max === undefined) || (min ?? -Infinity) > (max ?? Infinity))
    throw new ConfigurationError(
      `metricInRange(metric, { min, max }) takes a range with at least one bound, the lower one first, but ${min ?? 'none'} to ${max ?? 'none'} came: metricInRange('loss', { max: 10 })`,
    );
  const bounds = [
    ...(min === undefined ? [] : [{ limit: min, side: 'below' as const, than: 'at least' }]),
    ...(max === undefined ? [] : [{ limit: max, side: 'above' as const, than: 'at most' }]),
  ];
  return named('metricInRange', (guarded) => {
    const values$ = guarded.run$.pipe(
      filter((event) => event.type === 'epoch:end' || event.type === 'step'),
      map(({ metrics }) => metrics?.[name] as number | undefined),
      share(),
    );
    return merge(
      ...bounds.map(({ limit, side, than }) =>
        values$.pipe(
          breach((value) => value, { limit, side }),
          filter(({ kind }) => kind === 'start'),
          map(({ value }) =>
            violationOf(guarded, {
              rule: name,
              limit,
              observed: value,
              unit: '',
              action,
              message: `The training's metric "${name}" was ${rounded(value)} while "${guarded.name}" ran, and is to be ${than} ${limit}`,
            }),
          ),
        ),
      ),
    );
  });
}
