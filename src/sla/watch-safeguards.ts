import { defer, Subscription } from 'rxjs';
import type { Violation } from '../events/index.ts';
import { emittedViolation } from './emitted-violation.ts';
import type { GuardedEvaluation, Safeguard } from './safeguard.ts';

/** Who hears what the safeguards say. Neither may throw. */
export interface SafeguardListener {
  readonly onViolation: (violation: Violation) => void;
  readonly onSafeguardError: (error: unknown, safeguard: string) => void;
}

/**
 * Subscribes to safeguards, in order, each for itself: one that throws or errors is told, and the others watch on.
 *
 * `watching` owns the subscriptions: closing it ends them all, also in the middle of subscribing.
 */
export function watchSafeguards(
  safeguards: readonly Safeguard[],
  guarded: GuardedEvaluation,
  watching: Subscription,
  listener: SafeguardListener,
): void {
  for (const [index, safeguard] of safeguards.entries()) {
    if (watching.closed) return;
    const name = nameOf(safeguard, index);
    watching.add(
      defer(() => safeguard(guarded)).subscribe({
        next: (emitted) => {
          if (watching.closed) return; // one that emits twice while it is being subscribed to
          const violation = wholeViolation(emitted, guarded, name, listener);
          if (violation !== undefined) listener.onViolation(violation);
        },
        error: (error: unknown) => {
          listener.onSafeguardError(error, name);
        },
      }),
    );
  }
}

function nameOf(safeguard: Safeguard, index: number): string {
  const name = typeof safeguard === 'function' ? safeguard.name : '';
  return name === '' ? `safeguard ${index + 1}` : name;
}

function wholeViolation(
  emitted: unknown,
  guarded: GuardedEvaluation,
  name: string,
  listener: SafeguardListener,
): Violation | undefined {
  try {
    return emittedViolation(emitted, guarded, name);
  } catch (error) {
    listener.onSafeguardError(error, name);
    return undefined;
  }
}
