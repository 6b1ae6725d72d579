import { Subscriber } from 'rxjs';
import { ContainedObserver, type Containment } from './contained-observer.ts';

/** What RxJS 7 keeps private: the last subscriber of a chain hands on to one of these, which holds the user's observer. */
interface ChainEnd {
  partialObserver?: unknown;
}

/**
 * Contains the listener at the end of a chain that begins with `subscriber`.
 *
 * Needed where the chain was built by a creation function, `merge(run.events$, other$).subscribe(…)`: its end is then not a
 * subscription to the contained stream. With another RxJS, whose parts are other ones, it does nothing.
 */
export function containEnd(subscriber: Subscriber<unknown>, { onError, subscriptions }: Containment): void {
  let last = subscriber;
  let next = destinationOf(last);
  while (next instanceof Subscriber) {
    last = next;
    next = destinationOf(last);
  }
  const end = next as ChainEnd | undefined;
  const listener = end?.partialObserver;
  if (end === undefined || typeof listener !== 'object' || listener === null) return;
  if (listener instanceof ContainedObserver) return;
  end.partialObserver = new ContainedObserver(listener, onError);
  subscriptions.add(last);
}

/** The next subscriber of the chain, or its end. */
function destinationOf(subscriber: Subscriber<unknown>): unknown {
  return (subscriber as unknown as { readonly destination?: unknown }).destination;
}
