import { Observable, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { subscribeWithin } from './subscribe-within.ts';

/**
 * Lets the first value through when the source completes, which is when nothing of it runs any more.
 *
 * A source that does not complete after its answer is unsubscribed from when its grace is over, and at a second value: the first
 * one counts. That holds for one that emits without end while it is being subscribed to, too. Errors pass, also after a value.
 *
 *     source                --r--|          --r--s            --r-------
 *     singleResult(5)       -----(r|)       -----(r|)         -------(r|)
 *     subscriptions         ^----!          ^----!            ^------!
 */
export function singleResult<O>(graceMs: number, scheduler: SchedulerLike): MonoTypeOperatorFunction<O> {
  return (source) =>
    new Observable((subscriber) => {
      let first: { readonly value: O } | undefined;
      const settle = (): void => {
        if (first !== undefined) subscriber.next(first.value);
        subscriber.complete();
      };
      subscribeWithin(subscriber, source, {
        next: (value) => {
          if (first !== undefined) {
            settle();
            return;
          }
          first = { value };
          subscriber.add(scheduler.schedule(settle, graceMs));
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: settle,
      });
    });
}
