import { Observable, Subject, map, skip } from 'rxjs';
import type { BreakerTransition, CircuitState } from './circuit-state.ts';

/**
 * Delivers transitions to every listener in the order in which they happened.
 *
 * A Subject alone delivers a change made by a listener before the other listeners have heard of the one before. So a change made
 * during a delivery waits until that delivery is over.
 */
export class TransitionQueue {
  readonly #transitions = new Subject<BreakerTransition>();
  readonly #waiting: BreakerTransition[] = [];
  #delivering = false;

  /** Hot: transitions that happen from the subscription on. Never completes, never errors. */
  readonly transitions$ = new Observable<BreakerTransition>((subscriber) => this.#fromNowOn().subscribe(subscriber));

  push(transition: BreakerTransition): void {
    this.#waiting.push(transition);
    this.#deliver();
  }

  /** The present state, then each change from the subscription on, once. */
  statesFrom(present: () => CircuitState): Observable<CircuitState> {
    return new Observable((subscriber) => {
      // Subscribed first and delivered last: a listener that changes the state when it hears the present one loses nothing.
      subscriber.add(
        this.#fromNowOn()
          .pipe(map(({ to }) => to))
          .subscribe(subscriber),
      );
      this.#deliver(() => {
        subscriber.next(present());
      });
    });
  }

  /** What waits now happened before the subscription. */
  #fromNowOn(): Observable<BreakerTransition> {
    return this.#transitions.pipe(skip(this.#waiting.length));
  }

  #deliver(first?: () => void): void {
    if (this.#delivering) {
      first?.();
      return;
    }
    this.#delivering = true;
    try {
      first?.();
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        this.#transitions.next(next);
    } finally {
      this.#delivering = false;
    }
  }
}
