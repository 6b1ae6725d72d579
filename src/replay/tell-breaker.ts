import type { Permit } from '../breaker/index.ts';
import { errorOfEnd } from '../callbacks/error-of-end.ts';
import { EvaluationError } from '../sla/index.ts';
import type { RecordedEvaluation } from './recorded-evaluation.ts';
import type { Judgement } from './verdict.ts';

/**
 * Tells a breaker how a recorded evaluation would have ended: under the limits that it was judged by, or as it did. Of one whose
 * verdict is unknown it hears that there was no call.
 */
export function tellBreaker(permit: Permit, { outcome, violation }: Judgement, { end }: RecordedEvaluation): void {
  if (violation !== undefined) permit.failure(EvaluationError.ofViolation(violation));
  else if (outcome.verdict !== 'passes' || end === undefined) permit.release();
  else {
    const error = errorOfEnd(end);
    if (error === undefined) permit.success();
    else permit.failure(error);
  }
}
