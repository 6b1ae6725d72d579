import { EvaluationError } from '../sla/index.ts';

/**
 * Whether an evaluation's error tells the breaker that the next one would fail too.
 *
 * A broken rule, a crash and an evaluation that could not be run as asked do; one that somebody cancelled says nothing about the
 * evaluator. What is no {@link EvaluationError} came from a user's executor, and counts.
 */
export function countsAgainstBreaker(error: unknown): boolean {
  return !(error instanceof EvaluationError) || error.kind !== 'cancelled';
}
