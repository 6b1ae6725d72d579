import type { Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';

/** An evaluation that was paused by us for more than this share of its time has missed its deadline because of us. */
const pausedShare = 0.25;

/**
 * Whether an evaluation's error tells its breaker that the next one would fail too: the default of every evaluation whose breaker
 * has no `recordFailure`.
 *
 * A broken rule that aborts, a crash and an evaluation that could not be run as asked do; one that somebody cancelled says nothing
 * about the evaluator, and neither does `evaluationTimeMs` missed after Pitwall had paused it for more than a quarter of that time.
 * An item's own time has no pauses in it, and other rules are not about the whole of the evaluation's time: they count.
 * What is no {@link EvaluationError} came from a user's executor, and counts. Rules that only warn end nothing, so they never come
 * here.
 *
 * @example
 * const isOffline = (error: unknown) => error instanceof Error && error.message.includes('ENETUNREACH');
 * const recordFailure = (error: unknown) => countsAgainstBreaker(error) && !isOffline(error);
 * evaluation({ name: 'vs-random', every: 5, module, breaker: { recordFailure } });
 */
export function countsAgainstBreaker(error: unknown): boolean {
  if (!(error instanceof EvaluationError)) return true;
  if (error.kind === 'cancelled') return false;
  return error.violation === undefined || !wasHeldUp(error.violation);
}

function wasHeldUp({ rule, pausedMs, observed }: Violation): boolean {
  return rule === 'evaluationTimeMs' && pausedMs > observed * pausedShare;
}
