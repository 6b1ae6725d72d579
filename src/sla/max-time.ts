import { map, switchMap, take } from 'rxjs';
import { clockOf } from '../clock/index.ts';
import { deadline } from './deadline.ts';
import { limitOptions, positiveLimit, type LimitOptions } from './limit.ts';
import { named } from './named.ts';
import type { Safeguard } from './safeguard.ts';
import { startOf } from './start-of.ts';
import { violationOf } from './violation-of.ts';

/**
 * Ends an evaluation that has not answered `limitMs` after it began: the rule `evaluationTimeMs`.
 *
 *     started$     --s|
 *     maxTime(3)   -----(v|)
 *
 * Time counts from `started$`, never from the request. An answer at exactly the deadline is in time, also where the loop was too
 * busy to hear it before. Emits once and completes.
 *
 * @param limitMs a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function maxTime(limitMs: number, options: LimitOptions = {}): Safeguard {
  positiveLimit(limitMs, 'maxTime', 'milliseconds');
  const { action } = limitOptions(options, 'maxTime');
  return named('maxTime', (guarded) =>
    startOf(guarded).pipe(
      take(1),
      switchMap(() => {
        const clock = clockOf(guarded.scheduler);
        const startedMs = clock.now();
        return deadline(limitMs, guarded.scheduler).pipe(
          map(() => {
            const observed = Math.max(limitMs, clock.now() - startedMs);
            const lateByHostMs = observed - limitMs;
            return violationOf(guarded, {
              rule: 'evaluationTimeMs',
              limit: limitMs,
              observed,
              unit: 'ms',
              action,
              deadlineAt: clock.wallNow() - lateByHostMs,
              lateByHostMs,
              message: `"${guarded.name}" had not answered ${limitMs} ms after its start (evaluationTimeMs)`,
            });
          }),
        );
      }),
    ),
  );
}
