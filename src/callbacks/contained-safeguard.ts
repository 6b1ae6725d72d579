import { defer, Observable, Subscription } from 'rxjs';
import type { Violation } from '../events/index.ts';
import { named, type Safeguard } from '../sla/index.ts';
import { contain } from './contained-events.ts';
import type { Containment } from './contained-observer.ts';

/**
 * The same safeguard; but what a listener throws that it has subscribed itself to one of the evaluation's streams is its error, and
 * ends it. RxJS would report that as an uncaught exception, which ends the training's process.
 *
 * It does not complete by itself: its listeners may go on when what it gave has completed.
 */
export function containedSafeguard(safeguard: Safeguard): Safeguard {
  return named(
    safeguard.name,
    (guarded) =>
      new Observable<Violation>((subscriber) => {
        const subscriptions = new Subscription();
        const onError = (error: unknown): void => {
          subscriptions.unsubscribe();
          subscriber.error(error);
        };
        const containment: Containment = { onError, subscriptions };
        const watched = {
          ...guarded,
          started$: contain(guarded.started$, containment),
          samples$: contain(guarded.samples$, containment),
          progress$: contain(guarded.progress$, containment),
          items$: contain(guarded.items$, containment),
          impact$: contain(guarded.impact$, containment),
        };
        // Not `subscriber` itself, which would be ended with the listeners, before it has told the error.
        const violations = defer(() => safeguard(watched)).subscribe({
          next: (violation) => {
            subscriber.next(violation);
          },
          error: onError,
        });
        subscriber.add(violations);
      }),
  );
}
