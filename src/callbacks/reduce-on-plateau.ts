import { BehaviorSubject, concat, defer, finalize, ignoreElements, mergeMap, tap, type Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { withoutSteps } from '../operators/index.ts';
import { scale, type Callback, type Desk, type Directive, type Run, type ScaleDirective } from './callback.ts';
import { JudgedSubjects, type Judged } from './judged-subjects.ts';
import { nameOption } from './name-option.ts';
import { OwedScales } from './owed-scales.ts';
import { freshPlateau, leveled, type PlateauRules } from './plateau.ts';
import { missingEvaluationTeller } from './tell-missing-evaluation.ts';
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
  /** What it scales, by the name that the training reads: `epoch.scaleOf('learningRate')` by default. */
  readonly scales?: string | undefined;
  /** Its name in the run: by default what it watches, `reduceOnPlateau(loss)`. */
  readonly name?: string | undefined;
}

/** A callback that knows how much smaller the learning rate is to be. */
export interface ReduceOnPlateau extends Callback {
  /** The product of its own reductions: 1 at first. Of a resumed run as it was, from `fit`'s first epoch on. */
  readonly scale: number;
  /** Its scale now, and whenever it is reduced. Completes with the run; never errors. */
  readonly scale$: Observable<number>;
}

const optionsSchema = z.strictObject({
  ...watchedMetricShape,
  patience: z.int().positive().describe('a whole number from 1 on'),
  factor: z.number().gt(0).lt(1).describe('a number above 0 and below 1').default(0.1),
  cooldown: z.int().nonnegative().describe('a whole number from 0 on').default(0),
  minScale: z.number().nonnegative().max(1).describe('a number from 0 to 1').default(0),
  scales: z.string().trim().min(1).describe('the name of what is scaled').default('learningRate'),
  name: nameOption.optional(),
});

/**
 * Asks the training to reduce its learning rate when a metric has not become better for some epochs, or some evaluations, in a row,
 * whatever the schedule of that is otherwise. The training applies it: it multiplies its rate by `epoch.scaleOf('learningRate')`.
 *
 *     events$                              -9-7-8-n-7-8-8-     (epoch:end, by its loss; n: NaN)
 *     reduceOnPlateau({ patience: 2 })     ----------a---a     (7 is the best; a: scale('learningRate', 0.1))
 *     epoch.scaleOf('learningRate')        1---------b---c     (b: 0.1, c: 0.01)
 *
 * It judges as `earlyStopping` does: results in the order of their requests, estimates by the bound that promises least, and what
 * is no finite number is neither better nor against the patience. After a reduction the patience begins anew, after `cooldown`
 * more; the best value stays. At `minScale` nothing more is reduced.
 *
 * Each reduction is a `scale` directive, which the trainer tells as a `custom` event `directive:scale` while the training goes on.
 * Where several callbacks scale the same name, their factors are multiplied; `scale` and `scale$` are of this one alone. It has no
 * state of its own: a resumed run has it from its metrics again, and a reduction that had not been told is told at its beginning.
 * Registered late, it begins with the next epoch or result.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * trainer.register(reduceOnPlateau({ metric: 'loss', factor: 0.5, patience: 3, minScale: 0.01 }));
 * await trainer.fit(async (epoch) => {
 *   optimizer.learningRate = 0.001 * epoch.scaleOf('learningRate');
 *   // …
 * });
 */
export function reduceOnPlateau<O = unknown>(options: ReduceOnPlateauOptions<O>): ReduceOnPlateau {
  const given = parseOptions(optionsSchema, options, 'The options of reduceOnPlateau');
  const { patience, factor, cooldown, minScale, scales: scaled } = given;
  const watched = watchedMetric(given);
  const name = given.name ?? `reduceOnPlateau(${watchedMetricName(watched)})`;
  const rules = { ...watched, patience, factor, cooldown, minScale };
  let scales = freshScales();
  return {
    name,
    config: { ...watchedMetricTold(watched), patience, factor, cooldown, minScale, scales: scaled },
    get scale() {
      return scales.scale$.value;
    },
    scale$: defer(() => scales.scale$.asObservable()),
    connect: (run, desk) => {
      if (scales.isOver) scales = freshScales(); // it serves another run
      return reducing(run, desk, { scales, rules, name, scaled });
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

/** Serves one run, from its subscription to the run's end or its unsubscription. */
function reducing(
  run: Run<never>,
  desk: Desk,
  {
    scales,
    rules,
    name,
    scaled,
  }: { readonly scales: Scales; readonly rules: Rules; readonly name: string; readonly scaled: string },
): Observable<Directive> {
  const { scale$ } = scales;
  const subjects = new JudgedSubjects(rules);
  const consequence = 'which is neither better nor against the patience';
  const tellUnmeasured = unmeasuredTeller(desk, rules, { rule: name, consequence });
  const tellMissing = missingEvaluationTeller(desk, rules, name);
  const owed = new OwedScales(name, scaled);
  let plateau = freshPlateau;

  const judge = (judged: Judged, isLive: boolean): ScaleDirective | undefined => {
    const { value, epoch } = judged;
    if (value === null) {
      if (isLive) tellUnmeasured(judged);
      return undefined;
    }
    const { scale: before } = plateau;
    plateau = leveled(plateau, { value, epoch }, rules);
    if (plateau.scale === before) return undefined;
    scale$.next(plateau.scale);
    return scale(scaled, factorOf(plateau.scale, before, rules), notBetterFor(rules, plateau.course, rules.patience));
  };
  const reductions = (event: RunEvent, isLive: boolean): readonly ScaleDirective[] =>
    subjects.see(event, isLive).flatMap((judged) => judge(judged, isLive) ?? []);

  const remembered$ = run.history$.pipe(
    tap((event) => {
      owed.see(event);
      owed.add(reductions(event, false));
    }),
    ignoreElements(),
  );
  const present$ = run.events$.pipe(
    withoutSteps(),
    tap((event) => {
      tellMissing(event, true);
    }),
    mergeMap((event) => [...owed.take(), ...reductions(event, true)]),
  );
  return concat(remembered$, present$).pipe(
    finalize(() => {
      scales.isOver = true;
      scale$.complete();
    }),
  );
}

type Rules = WatchedMetric & PlateauRules;

/** What the scale was multiplied by; the last time it may be less of a reduction than the rules' own. */
function factorOf(scale: number, before: number, { minScale, factor }: Rules): number {
  return scale > minScale || scale === 0 ? factor : scale / before;
}
