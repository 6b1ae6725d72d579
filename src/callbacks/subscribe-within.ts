import { Subject, Subscription, takeUntil, type Observable, type Observer, type Subscriber } from 'rxjs';

/**
 * Subscribes to a source for somebody whose end is the source's, also in the middle of subscribing: a source that emits without end
 * there, and looks whether it is still heard, could not be ended otherwise.
 */
export function subscribeWithin<T>(
  subscriber: Subscriber<unknown>,
  source$: Observable<T>,
  observer: Observer<T>,
): Subscription {
  const ended$ = new Subject<void>();
  const untilSubscribed = new Subscription(() => {
    ended$.next();
  });
  subscriber.add(untilSubscribed);
  const subscription = source$.pipe(takeUntil(ended$)).subscribe(observer);
  // From here on as ever, so that a finalizer that throws is heard.
  subscriber.remove(untilSubscribed);
  subscriber.add(subscription);
  return subscription;
}
