import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { measured } from '../operators/measured.ts';
import type { Callback } from './callback.ts';
import { reasonToStop, watchedMetric, whyUnmeasured } from './early-stopping-words.ts';
import type { Evaluation } from './evaluation.ts';
import { nameOption } from './name-option.ts';
import { freshPatience, tried } from './patience.ts';
import { ResultsInOrder } from './results-in-order.ts';
import { stopWhen } from './stop-when.ts';

/** Options of {@link earlyStopping}. `O` is the result of the evaluation that it is `on`. */
export interface EarlyStoppingOptions<O = unknown> {
  /** The name of a metric of `epoch:end`, or, with `on`, of a field of the evaluation's result. */
  readonly metric: unknown extends O ? string : Extract<keyof O, string>;
  /** The evaluation whose results are judged, or its name. Without it the epochs' own metrics are. */
  readonly on?: Evaluation<O> | string | undefined;
  /** Which is better: the smaller (`min`, the default) or the larger (`max`, the default with `on`). */
  readonly mode?: 'min' | 'max' | undefined;
  /** By how much more than this a value must be better than the best before it: 0 by default. */
  readonly minDelta?: number | undefined;
  /** How many epochs in a row, or, with `on`, completed evaluations, may be no better. */
  readonly patience: number;
  /** Its name in the run: by default what it watches, `earlyStopping(vs-random.winRate)`. */
  readonly name?: string | undefined;
}

const evaluationGiven = z.custom<Evaluation>((value) => {
  const { name, connect } = (value ?? {}) as Partial<Evaluation>;
  return typeof name === 'string' && typeof connect === 'function';
});

const optionsSchema = z.strictObject({
  metric: z.string().min(1).describe('the name of a metric'),
  on: z.union([nameOption, evaluationGiven]).describe('an evaluation, or the name of one').optional(),
  mode: z.enum(['min', 'max']).describe("'min' or 'max'").optional(),
  minDelta: z.number().nonnegative().describe('a finite number from 0 on').default(0),
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
  const { on, ...given } = parseOptions(optionsSchema, options, 'The options of earlyStopping');
  const evaluation = typeof on === 'object' ? on.name : on;
  const { metric, patience, minDelta, mode = evaluation === undefined ? 'min' : 'max' } = given;
  const watched = { metric, evaluation };
  const name = given.name ?? `earlyStopping(${watchedMetric(watched)})`;
  return {
    name,
    connect: (run, desk) => {
      const subjectsOf = evaluation === undefined ? epochEnded : completed(evaluation);
      let course = freshPatience;
      let isTold = false;
      return stopWhen(run, (event, isLive) => {
        for (const { epoch, fields } of subjectsOf(event, isLive)) {
          if (isLive && course.since >= patience) break; // results that come together are judged as if they came one by one
          const value = valueOf(fields, metric, mode);
          if (value !== null) course = tried(course, { value, epoch }, { mode, minDelta });
          else if (isLive && !isTold) {
            isTold = true;
            desk.publishOnce({ type: 'sla:unmeasured', rule: name, why: whyUnmeasured(watched, { epoch, fields }) });
          }
        }
        return course.since < patience ? undefined : reasonToStop(watched, course, { patience, minDelta });
      });
    },
  };
}

/** What there is to judge at an event. */
type SubjectsOf = (event: RunEvent, isLive: boolean) => readonly Subject[];
interface Subject {
  readonly epoch: number;
  /** An object of metrics where all is well; a result may be anything. */
  readonly fields: unknown;
}

const none: readonly Subject[] = [];

const epochEnded: SubjectsOf = (event) =>
  event.type === 'epoch:end' && event.interrupted !== true ? [{ epoch: event.epoch, fields: event.metrics }] : none;

function completed(name: string): SubjectsOf {
  const results = new ResultsInOrder(name);
  let wasLive = false;
  return (event, isLive) => {
    if (!event.type.startsWith('evaluation:')) return none;
    const lost = isLive && !wasLive ? results.lost() : [];
    wasLive = isLive;
    return [...lost, ...results.see(event)].map(({ epoch, result }) => ({ epoch, fields: result }));
  };
}

function valueOf(fields: unknown, metric: string, mode: 'min' | 'max'): number | null {
  const value = (fields as Readonly<Record<string, unknown>> | null | undefined)?.[metric];
  if (typeof value !== 'object' || value === null) return measured(value);
  return measured((value as { readonly low?: unknown; readonly high?: unknown })[mode === 'max' ? 'low' : 'high']);
}
