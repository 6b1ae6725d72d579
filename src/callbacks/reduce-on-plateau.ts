import { BehaviorSubject, defer, finalize, type Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Callback, Desk, Directive, Run } from './callback.ts';
import { following } from './following.ts';
import { JudgedSubjects, type Judged } from './judged-subjects.ts';
import { nameOption } from './name-option.ts';
import { freshPlateau, leveled, type PlateauRules } from './plateau.ts';
import { unmeasuredTeller } from './tell-unmeasured.ts';
import { notBetterFor, watchedMetricName } from './watched-metric-words.ts';
import {
  watchedMetric,
  watchedMetricShape,
  watchedMetricTold,
  type WatchedMetric,
  type WatchedMetricOptions,
} from './watched-metric.ts';

/** Options of {@link reduceOnPlateau}. `O` is the result of the evaluation that it is `on`. */
export interface ReduceOnPlateauOptions<O = unknown> extends WatchedMetricOptions<O> {
  /** How many epochs in a row, or, with `on`, completed evaluations, may be no better before the scale is reduced. */
  readonly patience: number;
  /** What the scale is then multiplied by, above 0 and below 1: 0.1 by default. */
  readonly factor?: number | undefined;
  /** How many of them after a reduction are not counted against the patience: 0 by default. */
  readonly cooldown?: number | undefined;
  /** The scale does not go below it: 0 by default. */
  readonly minScale?: number | undefined;
  /** Its name in the run: by default what it watches, `reduceOnPlateau(loss)`. */
  readonly name?: string | undefined;
}

/** A callback that knows how much smaller the learning rate is to be. */
export interface ReduceOnPlateau extends Callback {
  /** What the learning rate is to be multiplied by: 1 at first. Of a resumed run as it was, from `fit`'s first epoch on. */
  readonly scale: number;
  /** The scale now, and whenever it is reduced. Completes with the run; never errors. */
  readonly scale$: Observable<number>;
}

const optionsSchema = z.strictObject({
  ...watchedMetricShape,
  patience: z.int().positive().describe('a whole number from 1 on'),
  factor: z.number().gt(0).lt(1).describe('a number above 0 and below 1').default(0.1),
  cooldown: z.int().nonnegative().describe('a whole number from 0 on').default(0),
  minScale: z.number().nonnegative().max(1).describe('a number from 0 to 1').default(0),
  name: nameOption.optional(),
});

/**
 * Reduces a scale when a metric has not become better for some epochs, or some evaluations, in a row. The training multiplies its
 * learning rate by it, whatever the schedule of that is otherwise.
 *
 *     events$                          -9-7-8-n-7-8-8-     (epoch:end, by its loss; n: NaN)
 *     scale$                           1---------a---b     (7 is the best; a: 0.1, b: 0.01)
 *     custom, of the callback's name   ----------a---b
 *
 * It judges as `earlyStopping` does: results in the order of their requests, estimates by the bound that promises least, and what
 * is no finite number is neither better nor against the patience. After a reduction the patience begins anew, after `cooldown`
 * more; the best value stays. At `minScale` nothing more is reduced.
 *
 * Each reduction is told as a `custom` event of the callback's name with `{ scale, factor, reason }`. The scale itself is no state of
 * its own: a resumed run has it from its metrics again. Registered late, it begins with the next epoch or result.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * const plateau = reduceOnPlateau({ metric: 'loss', factor: 0.5, patience: 3, minScale: 0.01 });
 * trainer.register(plateau);
 * await trainer.fit(async (epoch) => {
 *   optimizer.learningRate = 0.001 * plateau.scale;
 *   // …
 * });
 */
export function reduceOnPlateau<O = unknown>(options: ReduceOnPlateauOptions<O>): ReduceOnPlateau {
  const given = parseOptions(optionsSchema, options, 'The options of reduceOnPlateau');
  const { patience, factor, cooldown, minScale } = given;
  const watched = watchedMetric(given);
  const name = given.name ?? `reduceOnPlateau(${watchedMetricName(watched)})`;
  const rules = { ...watched, patience, factor, cooldown, minScale };
  let scales = freshScales();
  return {
    name,
    config: { ...watchedMetricTold(watched), patience, factor, cooldown, minScale },
    get scale() {
      return scales.scale$.value;
    },
    scale$: defer(() => scales.scale$.asObservable()),
    connect: (run, desk) => {
      if (scales.isOver) scales = freshScales(); // it serves another run
      return reducing(run, desk, { scales, rules, name });
    },
  };
}

/** The scale in one run. */
interface Scales {
  readonly scale$: BehaviorSubject<number>;
  isOver: boolean;
}

function freshScales(): Scales {
  return { scale$: new BehaviorSubject(freshPlateau.scale), isOver: false };
}

/** Serves one run, from its subscription to the run's end or its unsubscription. Emits nothing. */
function reducing(
  run: Run<never>,
  desk: Desk,
  {
    scales,
    rules,
    name,
  }: { readonly scales: Scales; readonly rules: WatchedMetric & PlateauRules; readonly name: string },
): Observable<Directive> {
  const { scale$ } = scales;
  const subjects = new JudgedSubjects(rules);
  const consequence = 'which is neither better nor against the patience';
  const tellUnmeasured = unmeasuredTeller(desk, rules, { rule: name, consequence });
  let plateau = freshPlateau;

  const judge = (judged: Judged, isLive: boolean): void => {
    const { value, epoch } = judged;
    if (value === null) {
      if (isLive) tellUnmeasured(judged);
      return;
    }
    const { scale: before } = plateau;
    plateau = leveled(plateau, { value, epoch }, rules);
    const { scale, course } = plateau;
    if (scale === before) return;
    scale$.next(scale);
    if (!isLive) return;
    const factor = scale > rules.minScale ? rules.factor : scale / before;
    const reason = notBetterFor(rules, course, rules.patience);
    desk.publish({ type: 'custom', name, value: { scale, factor, reason } });
  };

  return following(run, {
    see: (event, isLive) => {
      for (const judged of subjects.see(event, isLive)) judge(judged, isLive);
    },
  }).pipe(
    finalize(() => {
      scales.isOver = true;
      scale$.complete();
    }),
  );
}
