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
import { afterMs } from '../clock/index.ts';
import { positiveNumber } from '../errors/index.ts';

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
 * @throws {ConfigurationError} when `everyMs` is not a finite number above 0.
 */
export function sampledMetrics<T>(
  probe: () => ObservableInput<T | null | undefined>,
  {
    everyMs = 1_000,
    scheduler = asyncScheduler,
  }: { readonly everyMs?: number; readonly scheduler?: SchedulerLike } = {},
): Observable<T | null> {
  positiveNumber(
    everyMs,
    'sampledMetrics({ everyMs }) takes milliseconds',
    'sampledMetrics(probe, { everyMs: 1_000 }) asks once a second',
  );
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
