import { asyncScheduler, NEVER, of } from 'rxjs';
import { ConfigurationError, nearMatch } from '../errors/index.ts';
import type { Violation } from '../events/index.ts';
import type { GuardedEvaluation } from './safeguard.ts';

/** The evaluation that a `guard` watches, as far as it is known, and who hears what. */
export interface GuardOptions extends Partial<GuardedEvaluation> {
  /**
   * Asks the execution to end and to error when the last of it is gone.
   *
   * @returns false where it takes no aborts, so that it is unsubscribed from.
   */
  readonly abort?: (violation: Violation) => boolean;
  /** Told each violation once, also the one that ends the evaluation, before the error. */
  readonly onViolation?: (violation: Violation) => void;
  /** Told of a safeguard that threw, errored or emitted no violation, by its function's name or its place from 1. */
  readonly onSafeguardError?: (error: unknown, safeguard: string) => void;
}

/** Fills in what is not known: streams that stay silent, a work that has begun, RxJS's asyncScheduler. */
export function guardedEvaluation({
  id,
  name,
  started$,
  samples$,
  progress$,
  items$,
  impact$,
  run$,
  scheduler,
}: Partial<GuardedEvaluation>): GuardedEvaluation {
  return {
    id: id ?? 'evaluation',
    name: name ?? 'evaluation',
    started$: started$ ?? of(undefined),
    samples$: samples$ ?? NEVER,
    progress$: progress$ ?? NEVER,
    items$: items$ ?? NEVER,
    impact$: impact$ ?? NEVER,
    run$: run$ ?? NEVER,
    scheduler: scheduler ?? asyncScheduler,
  };
}

/** The listeners, so that what they throw stays here. An `abort` that throws has aborted nothing. */
export function containedListeners({
  abort,
  onViolation,
  onSafeguardError,
}: GuardOptions): Required<Pick<GuardOptions, 'abort' | 'onViolation' | 'onSafeguardError'>> {
  const failed = (error: unknown, who: string): void => {
    try {
      onSafeguardError?.(error, who);
    } catch {
      // Nobody is left to tell.
    }
  };
  return {
    abort: (violation) => {
      try {
        return abort?.(violation) === true;
      } catch (error) {
        failed(error, 'abort');
        return false;
      }
    },
    onViolation: (violation) => {
      try {
        onViolation?.(violation);
      } catch (error) {
        failed(error, 'onViolation');
      }
    },
    onSafeguardError: failed,
  };
}

/** What is short or common is no sign of a mistake. */
const notMisspelt = ['id', 'name'];

/**
 * A misspelt stream would be heard by nobody. What else an object has is its own: a richer one may be given as it is.
 *
 * @throws {ConfigurationError} for a field that is nearly a known one, which is not given too.
 */
export function assertNoMisspeltField(given: GuardOptions): void {
  const known = [...Object.keys(guardedEvaluation({})), 'abort', 'onViolation', 'onSafeguardError'];
  const meant = known.filter((field) => !notMisspelt.includes(field) && !(field in given));
  for (const field of Object.keys(given)) {
    const near = known.includes(field) ? undefined : nearMatch(field, meant);
    if (near !== undefined)
      throw new ConfigurationError(`The evaluation of guard has an unknown field "${field}": did you mean "${near}"?`);
  }
}
