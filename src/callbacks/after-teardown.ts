import { Observable, type MonoTypeOperatorFunction } from 'rxjs';
import { subscribeWithin } from './subscribe-within.ts';

/**
 * Passes the end of a source on when the source has been torn down, where RxJS does so before: what begins at that end then never
 * meets what the source still held.
 *
 * Values pass at once. A finalizer that throws is the error with which it ends.
 *
 *     source         --r|  then its finalizer
 *     afterTeardown  --r   its finalizer, then |
 */
export function afterTeardown<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      let pass: (() => void) | undefined;
      const end = (last: () => void): void => {
        pass = last;
        tearDown();
      };
      // At an end during the subscription there is nothing to tear down yet: that comes when `subscribe` has returned.
      let tearDown = (): void => undefined;

      const subscription = subscribeWithin(subscriber, source, {
        next: (value) => {
          subscriber.next(value);
        },
        error: (error: unknown) => {
          end(() => {
            subscriber.error(error);
          });
        },
        complete: () => {
          end(() => {
            subscriber.complete();
          });
        },
      });
      tearDown = () => {
        try {
          subscription.unsubscribe();
        } catch (error) {
          subscriber.error(error);
        }
        pass?.();
      };
      if (pass !== undefined) tearDown();
    });
}
