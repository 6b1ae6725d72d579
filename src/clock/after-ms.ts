import { switchMap, timer, type Observable, type SchedulerLike } from 'rxjs';

/** Node fires a timer above 2^31 - 1 ms at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Emits 0 once after `ms` milliseconds and completes, however long that is.
 *
 *     afterMs(3)   ---(0|)
 *
 * RxJS's `timer` hands its delay to the platform, where more than 24.8 days end at once: a limit of a month would be one of 1 ms.
 *
 * @param ms below 0 is 0
 */
export function afterMs(ms: number, scheduler: SchedulerLike): Observable<0> {
  if (ms <= longestTimerMs) return timer(ms, scheduler);
  return timer(longestTimerMs, scheduler).pipe(switchMap(() => afterMs(ms - longestTimerMs, scheduler)));
}
