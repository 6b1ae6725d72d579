import {
  asyncScheduler,
  catchError,
  defaultIfEmpty,
  defer,
  exhaustMap,
  map,
  of,
  repeat,
  startWith,
  take,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import { z } from 'zod';
import { afterMs } from '../clock/index.ts';
import { parseOptions } from '../errors/index.ts';
import { functionGiven } from './function-given.ts';

const optionsSchema = z.strictObject({
  everyMs: z.number().positive().describe('milliseconds, a finite number above 0').default(1_000),
  scheduler: z.custom<SchedulerLike>().optional(),
});

/**
 * Polls what can be measured, at once and then each `everyMs`, without end.
 *
 *     probe                                  -x|  #  ----y|
 *     sampledMetrics(probe, everyMs: 3)      -x-n-----y---…     (n: null)
 *
 * Polls never overlap: a tick while one is under way is skipped. Whatever cannot be told is `null`: a probe that throws,
 * rejects or gives nothing, `undefined`, NaN, an infinity. A true 0 stays 0. Never errors, never completes; unsubscribing stops
 * the polls. A probe that never answers is never asked again, so one that may hang has a time limit of its own.
 *
 * @param probe asked at each tick: a promise or an Observable, of which the first value counts
 * @param options `everyMs`: 1 000 by default
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function sampledMetrics<T>(
  probe: () => ObservableInput<T | null | undefined>,
  options: { readonly everyMs?: number; readonly scheduler?: SchedulerLike } = {},
): Observable<T | null> {
  functionGiven(
    probe,
    'sampledMetrics(probe, options) takes a function that measures',
    'sampledMetrics(() => readGpu(), { everyMs: 1_000 }) asks once a second',
  );
  const { everyMs, scheduler = asyncScheduler } = parseOptions(optionsSchema, options, 'The options of sampledMetrics');
  return afterMs(everyMs, scheduler).pipe(
    repeat(),
    startWith(0),
    // exhaustMap: skip a tick while one is asked
    exhaustMap(() =>
      defer(probe).pipe(
        take(1),
        defaultIfEmpty(null),
        catchError(() => of(null)),
      ),
    ),
    map((value) => (value === undefined || (typeof value === 'number' && !Number.isFinite(value)) ? null : value)),
  );
}
