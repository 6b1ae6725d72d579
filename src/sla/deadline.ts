import { Observable, switchMap, timer, type SchedulerLike } from 'rxjs';
import { afterMs, clockOf, systemClock } from '../clock/index.ts';

/**
 * Emits once when `ms` milliseconds are over **and** what had come by then has been heard.
 *
 *     answer at exactly the deadline   ---r
 *     deadline(3)                      ---0     (after r)
 *
 * A loop that was busy finds the timer and the answer due together. The verdict waits one further turn of the loop, so that
 * what was in time is never late.
 */
export function deadline(ms: number, scheduler: SchedulerLike): Observable<unknown> {
  return afterMs(ms, scheduler).pipe(switchMap(() => nextTurn(scheduler)));
}

/** A zero-delay action of the scheduler comes after all that waits for the same moment. */
function nextTurn(scheduler: SchedulerLike): Observable<unknown> {
  return clockOf(scheduler) === systemClock ? afterPoll$ : timer(0, scheduler);
}

/** On the machine's clock an immediate is sure to come after the sockets were read once more, however long other timers take. */
const afterPoll$ = new Observable<void>((subscriber) => {
  const immediate = setImmediate(() => {
    subscriber.next();
    subscriber.complete();
  });
  return () => {
    clearImmediate(immediate);
  };
});
