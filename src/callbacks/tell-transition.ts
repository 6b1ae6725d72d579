import type { BreakerTransition } from '../breaker/index.ts';
import type { Desk } from './callback.ts';

/** The runs that a transition has been told in: a breaker that several evaluations share tells each of its changes once. */
const toldIn = new WeakMap<BreakerTransition, Set<string>>();

/**
 * Publishes a breaker's change of state as `breaker:transition`, once in a run.
 *
 * @param told the breaker's name, and the evaluation that it has last heard of
 */
export function tellTransition(
  transition: BreakerTransition,
  { name, causedBy }: { readonly name: string; readonly causedBy: string | undefined },
  runId: string,
  desk: Desk,
): void {
  const runs = toldIn.get(transition) ?? new Set();
  if (runs.has(runId)) return;
  toldIn.set(transition, runs.add(runId));
  const { from, to, reason } = transition;
  desk.publish({ type: 'breaker:transition', name, from, to, reason, ...(causedBy !== undefined && { causedBy }) });
}
