import type { BreakerPast, CircuitState, PastCall } from '../breaker/index.ts';
import { circuitStates } from '../breaker/index.ts';
import type { JournalledEvent } from '../events/index.ts';
import { errorOfEnd } from './error-of-end.ts';
import { cutShort } from './host-lost.ts';

/**
 * What a run's history tells of a breaker: its changes, and how the evaluations ended that it has admitted since the last of them.
 *
 * @param names of the evaluations that are behind it
 *   Of the errors of a user's own classes only what an event tells of them is known.
 */
export function breakerPastOf(
  history: readonly JournalledEvent[],
  breaker: string,
  names: ReadonlySet<string>,
): BreakerPast {
  const changes: { to: CircuitState; at: number }[] = [];
  /** Those that have begun since the last change, and when they did. */
  const admitted = new Map<string, number>();
  let calls: PastCall[] = [];
  for (const event of history) {
    if (event.type === 'breaker:transition' && event.name === breaker && isState(event.to)) {
      changes.push({ to: event.to, at: event.at });
      admitted.clear(); // what was admitted before counts no more
      calls = [];
    } else if (event.type === 'evaluation:start' && names.has(event.name)) {
      admitted.set(event.evaluationId, event.at);
    } else if (event.type === 'evaluation:end' && admitted.has(event.evaluationId) && !cutShort(event)) {
      const durationMs = event.at - (admitted.get(event.evaluationId) ?? event.at);
      calls.push({ error: errorOfEnd(event), durationMs, at: event.at });
    }
  }
  return { changes, calls };
}

/** The evaluations that tell the same breaker's name as theirs. */
export function evaluationsBehind(history: readonly JournalledEvent[], breaker: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const event of history) {
    if (event.type !== 'run:start' && event.type !== 'run:resume') continue;
    const callbacks = (event.config?.callbacks ?? {}) as Record<string, { readonly breaker?: unknown } | undefined>;
    for (const [name, told] of Object.entries(callbacks)) {
      const of = told?.breaker as { readonly name?: unknown } | false | undefined;
      if (typeof of === 'object' && of.name === breaker) names.add(name);
    }
  }
  return names;
}

function isState(state: string): state is CircuitState {
  return (circuitStates as readonly string[]).includes(state);
}
