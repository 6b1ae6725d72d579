import { ignoreElements, tap, type Observable } from 'rxjs';
import type { Run } from '../callbacks/index.ts';
import type { EventOf } from '../events/index.ts';
import { evaluationsInConfig } from './evaluations-in-config.ts';

/** The states of a run's circuit breakers, by name, from the run's beginning on: closed, or as the run before has left them. */
export class BreakerStates {
  readonly #left = new Map<string, string>();
  readonly #present = new Map<string, string>();

  /** Emits nothing, and completes when it knows what is in the history of a run that was resumed. */
  remember({ history$ }: Pick<Run<never>, 'history$'>): Observable<never> {
    return history$.pipe(
      tap((event) => {
        if (event.type === 'breaker:transition') this.#left.set(event.name, event.to);
      }),
      ignoreElements(),
    );
  }

  hear(event: EventOf<'run:start' | 'run:resume' | 'breaker:transition'>): void {
    if (event.type === 'breaker:transition') this.#present.set(event.name, event.to);
    else
      for (const [evaluation, { breaker }] of evaluationsInConfig(event)) {
        const name = typeof breaker === 'object' ? (breaker.name ?? evaluation) : undefined;
        if (name !== undefined) this.#present.set(name, this.#left.get(name) ?? 'closed');
      }
  }

  [Symbol.iterator](): Iterator<[name: string, state: string]> {
    return this.#present.entries();
  }
}
