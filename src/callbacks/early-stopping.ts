import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import { withoutSteps } from '../operators/index.ts';
import type { Callback } from './callback.ts';
import { JudgedSubjects } from './judged-subjects.ts';
import { nameOption } from './name-option.ts';
import { freshPatience, tried } from './patience.ts';
import { stopWhen } from './stop-when.ts';
import { missingEvaluationTeller } from './tell-missing-evaluation.ts';
import { unmeasuredTeller } from './tell-unmeasured.ts';
import { notBetterFor, watchedMetricName } from './watched-metric-words.ts';
import { watchedMetric, watchedMetricShape, watchedMetricTold, type WatchedMetricOptions } from './watched-metric.ts';

/** Options of {@link earlyStopping}. `O` is the result of the evaluation that it is `on`. */
export interface EarlyStoppingOptions<O = unknown> extends WatchedMetricOptions<O> {
  /** How many epochs in a row, or, with `on`, completed evaluations, may be no better. */
  readonly patience: number;
  /** Its name in the run: by default what it watches, `earlyStopping(vs-random.winRate)`. */
  readonly name?: string | undefined;
}

const optionsSchema = z.strictObject({
  ...watchedMetricShape,
  patience: z.int().positive().describe('a whole number from 1 on'),
  name: nameOption.optional(),
});

/**
 * Ends the training when a metric has not become better for some epochs, or some evaluations, in a row.
 *
 *     events$                         -9-7-8-n-7-     (epoch:end, by its loss; n: NaN)
 *     earlyStopping({ patience: 2 })  ---------(s|)   (7 is the best, 8 and 7 are no better)
 *
 * Of an evaluation the completed ones are judged, in the order of their requests, whichever ends first: a result waits for those
 * before it. What was violated, failed, cancelled or skipped counts for nothing, and so does an epoch that was interrupted. A
 * field that is an estimate with its bounds, `{ low, high }`, is judged by the bound that promises least: by `low` where more is
 * better, by `high` where less is.
 *
 * What is no finite number is unmeasured: neither better nor against the patience. The first time it is told as `sla:unmeasured`,
 * with the metric that was probably meant. Registered late, it begins with the next epoch or result.
 *
 * The outcome's reason tells the metric, its best value, the epoch of that, and the patience.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * trainer.register(earlyStopping({ metric: 'loss', minDelta: 0.001, patience: 3 }));
 * trainer.register(earlyStopping({ on: vsRandom, metric: 'winRate', patience: 5 }));
 */
export function earlyStopping<O = unknown>(options: EarlyStoppingOptions<O>): Callback {
  const given = parseOptions(optionsSchema, options, 'The options of earlyStopping');
  const { patience } = given;
  const watched = watchedMetric(given);
  const name = given.name ?? `earlyStopping(${watchedMetricName(watched)})`;
  return {
    name,
    config: { ...watchedMetricTold(watched), patience },
    connect: (run, desk) => {
      const subjects = new JudgedSubjects(watched);
      const consequence = 'which is neither better nor against the patience';
      const tellUnmeasured = unmeasuredTeller(desk, watched, { rule: name, consequence });
      const tellMissing = missingEvaluationTeller(desk, watched, name);
      let course = freshPatience;
      const events$ = run.events$.pipe(withoutSteps());
      return stopWhen({ history$: run.history$, events$ }, (event, isLive) => {
        tellMissing(event, isLive);
        for (const judged of subjects.see(event, isLive)) {
          if (isLive && course.since >= patience) break; // results that come together are judged as if they came one by one
          const { value, epoch } = judged;
          if (value !== null) course = tried(course, { value, epoch }, watched);
          else if (isLive) tellUnmeasured(judged);
        }
        return course.since < patience ? undefined : notBetterFor(watched, course, patience);
      });
    },
  };
}
