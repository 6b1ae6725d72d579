import { z } from 'zod';
import type { Evaluation } from './evaluation.ts';
import { nameOption } from './name-option.ts';
import type { Better } from './patience.ts';

/** What a ready-made callback watches. `O` is the result of the evaluation that it is `on`. */
export interface WatchedMetricOptions<O = unknown> {
  /** The name of a metric of `epoch:end`, or, with `on`, of a field of the evaluation's result. */
  readonly metric: unknown extends O ? string : Extract<keyof O, string>;
  /** The evaluation whose results are judged, or its name. Without it the epochs' own metrics are. */
  readonly on?: Evaluation<O> | string | undefined;
  /** Which is better: the smaller (`min`, the default) or the larger (`max`, the default with `on`). */
  readonly mode?: 'min' | 'max' | undefined;
  /** By how much more than this a value must be better than the best before it: 0 by default. */
  readonly minDelta?: number | undefined;
}

const evaluationGiven = z.custom<Evaluation>((value) => {
  const { name, connect } = (value ?? {}) as Partial<Evaluation>;
  return typeof name === 'string' && typeof connect === 'function';
});

/** The same among the options of a callback. */
export const watchedMetricShape = {
  metric: z.string().min(1).describe('the name of a metric'),
  on: z.union([nameOption, evaluationGiven]).describe('an evaluation, or the name of one').optional(),
  mode: z.enum(['min', 'max']).describe("'min' or 'max'").optional(),
  minDelta: z.number().nonnegative().describe('a finite number from 0 on').default(0),
};

/** A metric of the epochs, or of the results of an evaluation, and which of its values are better. */
export interface WatchedMetric extends Better {
  readonly metric: string;
  /** Its name; `undefined` for the epochs' own metrics. */
  readonly evaluation: string | undefined;
}

/** Reads it from options that {@link watchedMetricShape} has parsed. */
export function watchedMetric({
  metric,
  on,
  mode,
  minDelta,
}: {
  readonly metric: string;
  readonly on?: Evaluation | string | undefined;
  readonly mode?: 'min' | 'max' | undefined;
  readonly minDelta: number;
}): WatchedMetric {
  const evaluation = typeof on === 'object' ? on.name : on;
  return { metric, evaluation, mode: mode ?? (evaluation === undefined ? 'min' : 'max'), minDelta };
}

/** The same as plain data, for `run:start`. */
export function watchedMetricTold({ metric, evaluation, mode, minDelta }: WatchedMetric): Record<string, unknown> {
  return { metric, ...(evaluation !== undefined && { on: evaluation }), mode, minDelta };
}
