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
  /** None of them ever throws. Replaced at each change, so that a delivery goes to those who were there when it began. */
  #receivers: readonly Receiver<T>[] = [];
  /** The one that is there, where there is one only: most have one, and the loop is a third of a delivery. */
  #only: Receiver<T> | undefined;
  #over = false;

  constructor(containment: Containment) {
    const { onError, subscriptions } = containment;
    const ofOperator = (subscriber: Subscriber<T>): (() => void) => this.#add(new GuardedReceiver(subscriber, onError));
    this.events$ = contained(new Observable<T>(ofOperator), containment, (observer) => {
      observer.subscription.add(this.#add(observer));
    });
    subscriptions.add(() => {
      this.mute();
    });
  }

  next(value: T): void {
    const only = this.#only;
    if (only !== undefined) only.next(value);
    else for (const receiver of this.#receivers) receiver.next(value);
  }

  /** Ends the delivery without a word to its subscribers. */
  mute(): void {
    this.#set([]);
    this.#over = true;
  }

  complete(): void {
    const receivers = this.#receivers;
    this.mute();
    for (const receiver of receivers) receiver.complete();
  }

  #add(receiver: Receiver<T>): () => void {
    if (this.#over) receiver.complete();
    else this.#set([...this.#receivers, receiver]);
    return () => {
      this.#set(this.#receivers.filter((other) => other !== receiver));
    };
  }

  #set(receivers: readonly Receiver<T>[]): void {
    this.#receivers = receivers;
    this.#only = receivers.length === 1 ? receivers[0] : undefined;
  }
}

type Receiver<T> = Pick<Observer<T>, 'next' | 'complete'>;

/** An operator's subscriber, from which a finalizer that throws comes out: RxJS raises it from the call that completed it. */
class GuardedReceiver<T> implements Receiver<T> {
  readonly #subscriber: Subscriber<T>;
  readonly #onError: (error: unknown) => void;

  constructor(subscriber: Subscriber<T>, onError: (error: unknown) => void) {
    this.#subscriber = subscriber;
    this.#onError = onError;
  }

  next(value: T): void {
    try {
      this.#subscriber.next(value);
    } catch (error) {
      this.#onError(error);
    }
  }

  complete(): void {
    try {
      this.#subscriber.complete();
    } catch (error) {
      this.#onError(error);
    }
  }
}

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
