import type { Violation } from '../events/index.ts';
import { emittedViolation, type GuardedEvaluation, type Safeguard } from '../sla/index.ts';

/**
 * Reads what a safeguard has emitted as a guard reads it, with what every violation of the evaluation has in common.
 *
 * @throws {ConfigurationError} for one that a guard would not take, so that no test passes on it.
 */
export function wholeViolation(emitted: Violation, guarded: GuardedEvaluation, safeguard: Safeguard): Violation {
  return emittedViolation(emitted, guarded, nameOf(safeguard));
}

/** What a message calls a safeguard. */
export function nameOf(safeguard: Safeguard): string {
  return safeguard.name === '' ? 'the safeguard' : safeguard.name;
}
