import { Subscription, type Observer } from 'rxjs';

/** What a contained subscription needs to know of its callback. */
export interface Containment {
  /** Gets what a subscriber threw, and the errors that no subscriber took. */
  readonly onError: (error: unknown) => void;
  /** Unsubscribing it ends every contained subscription, silently. */
  readonly subscriptions: Subscription;
}

/** What `subscribe` may be given: each method optional. */
export type Listener = { readonly [Name in keyof Observer<unknown>]?: Observer<unknown>[Name] | null | undefined };

const nobody = (): void => undefined;

/** Hands notifications on to a listener, and what the listener throws to its containment. */
export class ContainedObserver implements Observer<unknown> {
  /** Ends it; ended by an error or the completion. */
  readonly subscription = new Subscription();
  readonly #listener: Listener;
  /** Held apart, as it is called for each step of a training; once it has ended, a delivery that goes on calls nobody. */
  #next: (value: unknown) => void;
  readonly #onError: (error: unknown) => void;

  constructor(listener: Listener | ((value: unknown) => void) | null, onError: (error: unknown) => void) {
    this.#listener = typeof listener === 'function' ? {} : (listener ?? {});
    this.#next = typeof listener === 'function' ? listener : (this.#listener.next?.bind(listener) ?? nobody);
    this.#onError = onError;
    this.subscription.add(() => {
      this.#next = nobody;
    });
  }

  next(value: unknown): void {
    try {
      this.#next(value);
    } catch (error) {
      this.#onError(error);
    }
  }

  error(raised: unknown): void {
    this.#finish(() => {
      if (typeof this.#listener.error === 'function') this.#listener.error(raised);
      else this.#onError(raised);
    });
  }

  complete(): void {
    this.#finish(() => {
      this.#listener.complete?.();
    });
  }

  #finish(tell: () => void): void {
    if (this.subscription.closed) return;
    try {
      tell();
    } catch (error) {
      this.#onError(error);
    }
    try {
      this.subscription.unsubscribe();
    } catch (error) {
      this.#onError(error);
    }
  }
}
