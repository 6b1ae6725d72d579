import { BehaviorSubject, concat, defer, finalize, ignoreElements, map, tap, type Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { lastStep } from '../operators/last-step.ts';
import type { Callback, Desk, Directive, Run } from './callback.ts';
import { hearing } from './hearing.ts';
import { foldRows, noRows, type MetricsRow, type MetricsRows } from './metrics-rows.ts';
import { nameOption } from './name-option.ts';

/** Options of {@link metricsHistory}. */
export interface MetricsHistoryOptions {
  /** How many rows it keeps, and results in each of them: 10 000 by default. The oldest leave, and are counted. */
  readonly keep?: number | undefined;
  /** Its name in the run: `metricsHistory` by default. */
  readonly name?: string | undefined;
}

/** A callback that keeps the metrics of a run. */
export interface MetricsHistory extends Callback {
  /** The rows so far, by their epoch: a list that is never changed, but replaced. */
  readonly history: readonly MetricsRow[];
  /** The rows now, and whenever one is new or has changed. Completes with the run; never errors. */
  readonly history$: Observable<readonly MetricsRow[]>;
  /** How many rows, and results of rows that are there, were left out because there was no room. */
  readonly dropped: number;
}

const optionsSchema = z.strictObject({
  keep: z.int().positive().describe('a whole number of rows, from 1 on').default(10_000),
  name: nameOption.default('metricsHistory'),
});

/**
 * Keeps what each epoch ended with, and the results of its evaluations.
 *
 *     events$    -1-2-r-3-     (epoch:end; r: a result of epoch 1)
 *     history$   a-b-c-d-e-    (a: no rows; d: the row of epoch 1 has r)
 *
 * A result stands in the row of the epoch that it is of, also when the evaluation ends epochs later. An epoch that was interrupted
 * gets no metrics. Of a resumed run the rows of before are there too. Registered late, it begins with the next epoch or result. At the
 * end of the run `dropped` tells what had no room.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * const metrics = metricsHistory();
 * trainer.register(metrics);
 * await trainer.fit(train);
 * console.table(metrics.history.map(({ epoch, metrics }) => ({ epoch, ...metrics })));
 */
export function metricsHistory(options: MetricsHistoryOptions = {}): MetricsHistory {
  const { keep, name } = parseOptions(optionsSchema, options, 'The options of metricsHistory');
  let course = freshCourse();
  return {
    name,
    config: { keep },
    get history() {
      return course.fold$.value.rows;
    },
    get dropped() {
      return course.fold$.value.dropped;
    },
    history$: defer(() => course.fold$.pipe(map(({ rows }) => rows))),
    connect: (run, desk) => {
      if (course.isOver) course = freshCourse(); // it serves another run
      return keeping(run, desk, { course, keep, name });
    },
  };
}

/** The rows in one run. */
interface Course {
  readonly fold$: BehaviorSubject<MetricsRows>;
  isOver: boolean;
}

function freshCourse(): Course {
  return { fold$: new BehaviorSubject(noRows), isOver: false };
}

/** Serves one run, from its subscription to the run's end or its unsubscription. Emits nothing. */
function keeping(
  run: Run<never>,
  desk: Desk,
  { course, keep, name }: { readonly course: Course; readonly keep: number; readonly name: string },
): Observable<Directive> {
  const { fold$ } = course;
  const take = (event: RunEvent, stepNow: number): void => {
    const fold = foldRows(fold$.value, event, { stepNow, keep });
    if (fold !== fold$.value) fold$.next(fold);
  };
  return defer(() => {
    let rememberedStep = 0; // the journal has no steps, but for what is told of them
    const remembered$ = run.history$.pipe(
      tap((event) => {
        rememberedStep = lastStep(rememberedStep, event);
        take(event, rememberedStep);
      }),
    );
    const present$ = hearing(run, (event) => {
      take(event, run.state.step);
      if (event.type === 'run:end' && fold$.value.dropped > 0)
        desk.publish({ type: 'dropped', what: `rows of "${name}"`, count: fold$.value.dropped });
    });
    return concat(remembered$, present$).pipe(
      ignoreElements(), // it only watches
      finalize(() => {
        course.isOver = true;
        fold$.complete();
      }),
    );
  });
}
