import type { Evaluator } from '../evaluator/index.ts';
import type { Executor } from './executor.ts';

/** Makes an executor like another one, with the same options and other work, by the kind of work that it takes. */
export type StandIn =
  | { readonly kind: 'process' | 'thread'; readonly with: (module: URL) => Executor }
  | { readonly kind: 'command'; readonly with: (command: readonly string[]) => Executor }
  | { readonly kind: 'inline'; readonly with: (evaluate: Evaluator) => Executor };

const standIns = new WeakMap<object, StandIn>();

/** Lets {@link standInOf} find how others are made like this executor: for the tools of Pitwall itself. */
export function withStandIn<E extends object>(executor: E, standIn: StandIn): E {
  standIns.set(executor, standIn);
  return executor;
}

/** How to make an executor like this one; `undefined` for a user's own function. */
export function standInOf(executor: object): StandIn | undefined {
  return standIns.get(executor);
}
