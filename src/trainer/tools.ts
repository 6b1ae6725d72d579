import { Observable, Subject, type Subscriber } from 'rxjs';
import type { RunEvent } from '../events/index.ts';

/** The events of a run for who watches it from outside: what a subscriber throws is its own, and costs neither the run nor another. */
export class Tools {
  /** Hot, without replay. */
  readonly events$: Observable<RunEvent>;
  readonly #stream$ = new Subject<RunEvent>();
  readonly #subscribers = new Set<Subscriber<RunEvent>>();

  constructor() {
    this.events$ = new Observable((subscriber) => {
      this.#subscribers.add(subscriber);
      subscriber.add(() => this.#subscribers.delete(subscriber));
      return this.#stream$.subscribe(subscriber);
    });
  }

  next(event: RunEvent): void {
    this.#stream$.next(event);
  }

  /** Each for itself: a Subject ends at the first whose finalizer throws. That is reported as RxJS does it. */
  complete(): void {
    for (const subscriber of [...this.#subscribers]) {
      try {
        subscriber.complete();
      } catch (error) {
        setTimeout(() => {
          throw error;
        });
      }
    }
    this.#stream$.complete();
  }
}
