import type { EventOf } from '../events/index.ts';
import type { BreakerTold, TransitionTold } from './run-report.ts';

/** Of one breaker. */
const mostTransitions = 1000;

/** What the circuit breakers did. A run that goes on takes them over as they were: none of it is forgotten. */
export class BreakersFold {
  readonly #breakers = new Map<string, { readonly shown: EventOf<'breaker:transition'>[]; of: number }>();

  transition(event: EventOf<'breaker:transition'>): void {
    let breaker = this.#breakers.get(event.name);
    if (breaker === undefined) this.#breakers.set(event.name, (breaker = { shown: [], of: 0 }));
    breaker.of++;
    if (breaker.shown.length < mostTransitions) breaker.shown.push(event);
  }

  told(startedAt: number): readonly BreakerTold[] {
    return [...this.#breakers].map(([name, { shown, of }]) => ({
      name,
      transitions: {
        shown: shown.map(({ at, from, to, reason }): TransitionTold => ({ atMs: at - startedAt, from, to, reason })),
        of,
      },
    }));
  }
}
