import { Observable, Subscriber, type Observer, type Subscription } from 'rxjs';
import { containEnd } from './contain-end.ts';
import { ContainedObserver, type Containment, type Listener } from './contained-observer.ts';

/**
 * Gives the same Observable, except that what its subscribers throw goes to `onError`, where RxJS would report it as an
 * uncaught exception on the next turn of the loop. This holds through operators too, because they ask their source to `lift`.
 */
export function contain<T>(observable: Observable<T>, containment: Containment): Observable<T> {
  return contained(new Observable<T>((subscriber) => observable.subscribe(subscriber)), containment);
}

/**
 * The events of one callback: a hot stream whose subscribers are contained.
 *
 * A run has one for each callback, and each step goes through all of them. So a delivery makes nothing, and a listener that is
 * subscribed without an operator is called with less in between than a Subject has.
 */
export class ContainedEvents<T> {
  /** Hot; never errors; completes at once for who subscribes after the end. */
  readonly events$: Observable<T>;
  readonly #onError: (error: unknown) => void;
  /** Replaced at each change, never changed, so that a delivery goes to those who were there when it began. */
  #receivers: readonly Receiver<T>[] = [];
  #over = false;

  constructor(containment: Containment) {
    this.#onError = containment.onError;
    this.events$ = contained(new Observable<T>((subscriber) => this.#add(subscriber)), containment, (observer) => {
      observer.subscription.add(this.#add(observer));
    });
    containment.subscriptions.add(() => {
      this.mute();
    });
  }

  next(value: T): void {
    const receivers = this.#receivers;
    const first = receivers[0];
    if (first === undefined) return;
    if (receivers.length === 1)
      this.#hand(first, value); // the loop is a third of a delivery, and most have one
    else for (const receiver of receivers) this.#hand(receiver, value);
  }

  /** Ends the delivery without a word to its subscribers. */
  mute(): void {
    this.#receivers = [];
    this.#over = true;
  }

  complete(): void {
    const receivers = this.#receivers;
    this.mute();
    for (const receiver of receivers) {
      try {
        receiver.complete();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #hand(receiver: Receiver<T>, value: T): void {
    try {
      receiver.next(value);
    } catch (error) {
      // A finalizer that throws comes out here: RxJS raises it from the call that completed the subscriber.
      this.#onError(error);
    }
  }

  #add(receiver: Receiver<T>): (() => void) | undefined {
    if (this.#over) {
      receiver.complete();
      return undefined;
    }
    this.#receivers = [...this.#receivers, receiver];
    return () => {
      this.#receivers = this.#receivers.filter((other) => other !== receiver);
    };
  }
}

type Receiver<T> = Pick<Observer<T>, 'next' | 'complete'>;

/** What RxJS puts each subscription and each operator through. */
interface Gates {
  subscribe(
    this: unknown,
    observerOrNext?: Partial<Observer<unknown>> | ((value: unknown) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  lift(this: unknown, operator?: unknown): Observable<unknown>;
}
const inherited = Observable.prototype as unknown as Gates;

/** Puts `subscribe` and `lift` of the one instance in front of the class's. `attach` takes the place of a subscription. */
function contained<T>(
  observable: Observable<T>,
  containment: Containment,
  attach?: (observer: ContainedObserver) => void,
): Observable<T> {
  const gates: Gates = {
    subscribe(observerOrNext, error, complete) {
      if (observerOrNext instanceof Subscriber) {
        containEnd(observerOrNext, containment);
        return inherited.subscribe.call(this, observerOrNext);
      }
      const listener =
        error || complete ? { next: observerOrNext as Listener['next'], error, complete } : observerOrNext;
      const observer = new ContainedObserver(listener ?? null, containment.onError);
      if (attach === undefined) observer.subscription.add(inherited.subscribe.call(this, observer));
      else attach(observer);
      containment.subscriptions.add(observer.subscription);
      return observer.subscription;
    },
    // RxJS may copy it onto another Observable (publish does), so that `this` is not always `observable`.
    lift(operator) {
      return contained(inherited.lift.call(this, operator), containment);
    },
  };
  return Object.assign(observable, gates);
}
