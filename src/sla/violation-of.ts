import { clockOf } from '../clock/index.ts';
import type { Violation } from '../events/index.ts';
import { violationSentence } from './evaluation-error.ts';
import type { GuardedEvaluation } from './safeguard.ts';

/** What a safeguard knows of a breach; the rest is the same for all. Only rules of the SLA throttle. */
export type Breach = Pick<Violation, 'rule' | 'limit' | 'observed' | 'unit'> &
  Partial<Pick<Violation, 'deadlineAt' | 'lateByHostMs' | 'message'>> & {
    readonly action: Exclude<Violation['action'], 'throttle'>;
  };

/**
 * Makes the violation that a safeguard emits: of this evaluation, observed now by the run's wall clock. Without a `message` it gets a
 * sentence of its rule, its limit and what was observed.
 *
 * @example
 * const noWins: Safeguard = (guarded) =>
 *   guarded.progress$.pipe(
 *     filter(({ note }) => note === 'resigned'),
 *     map(() => violationOf(guarded, { rule: 'resignations', limit: 0, observed: 1, unit: 'games', action: 'abort' })),
 *   );
 */
export function violationOf(guarded: Pick<GuardedEvaluation, 'id' | 'scheduler'>, breach: Breach): Violation {
  const violation = {
    evaluationId: guarded.id,
    observedAt: clockOf(guarded.scheduler).wallNow(),
    lateByHostMs: 0,
    pausedMs: 0,
    ...breach,
  };
  return { ...violation, message: breach.message ?? violationSentence(violation) };
}
