import type { Losses } from './losses.ts';

/** Makes a call, and takes what it throws for a loss. @returns what the call gives; `undefined` where it threw. */
export type Attempt = <T>(call: () => T) => T | undefined;

/** Counts what is thrown among the losses. */
export function attemptWith(losses: Pick<Losses, 'add'>): Attempt {
  return (call) => {
    try {
      return call();
    } catch {
      losses.add();
      return undefined;
    }
  };
}
