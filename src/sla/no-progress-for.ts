import { distinctUntilChanged, filter, map, merge, skip, startWith, switchMap, type Observable } from 'rxjs';
import { clockOf } from '../clock/index.ts';
import { deadline } from './deadline.ts';
import { limitOptions, positiveLimit, type LimitOptions } from './limit.ts';
import { named } from './named.ts';
import type { Safeguard } from './safeguard.ts';
import { startOf } from './start-of.ts';
import { violationOf } from './violation-of.ts';

/**
 * Ends an evaluation that has done no more for `limitMs`: the rule `noProgressMs`.
 *
 *     started$            s|
 *     progress$           --1--1--2-----|     (done)
 *     noProgressFor(4)    ------v-----v-|     (the second 1 is no progress)
 *
 * It has done more when the `done` of its progress changes, or the number of items that are done; what is no number says nothing.
 * Each time the wait begins anew, so that a breach that only warns is told again after the next advance. Advance at exactly the
 * deadline is in time. Never ends by itself while the evaluation runs.
 *
 * @param limitMs a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 *
 * @example
 * evaluation({ name: 'vs-random', every: 5, module, input, safeguards: [noProgressFor(60_000)] });
 */
export function noProgressFor(limitMs: number, options: LimitOptions = {}): Safeguard {
  positiveLimit(limitMs, 'noProgressFor', 'milliseconds');
  const { action } = limitOptions(options, 'noProgressFor');
  return named('noProgressFor', (guarded) => {
    const { progress$, items$, scheduler } = guarded;
    const done$ = (told$: Observable<{ readonly done: number }>): Observable<number> =>
      told$.pipe(
        map(({ done }) => done),
        filter((done) => Number.isFinite(done)), // NaN differs from itself, and would be an advance each time
        startWith(0), // to be told of the first item, with none done, is no advance
        distinctUntilChanged(),
        skip(1),
      );
    const advances$ = merge(startOf(guarded), done$(progress$), done$(items$));
    return advances$.pipe(
      switchMap(() => {
        const clock = clockOf(scheduler);
        const sinceMs = clock.now();
        return deadline(limitMs, scheduler).pipe(map(() => Math.max(limitMs, clock.now() - sinceMs)));
      }),
      map((observed) =>
        violationOf(guarded, {
          rule: 'noProgressMs',
          limit: limitMs,
          observed,
          unit: 'ms',
          action,
          deadlineAt: clockOf(scheduler).wallNow() - (observed - limitMs),
          lateByHostMs: observed - limitMs,
          message: `"${guarded.name}" has done no more for ${limitMs} ms (noProgressMs)`,
        }),
      ),
    );
  });
}
