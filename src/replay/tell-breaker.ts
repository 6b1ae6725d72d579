import type { Permit } from '../breaker/index.ts';
import { EvaluationError, type EvaluationErrorKind } from '../sla/index.ts';
import type { RecordedEvaluation } from './recorded-evaluation.ts';
import type { Judgement } from './verdict.ts';

/**
 * Tells a breaker how a recorded evaluation would have ended: under the limits that it was judged by, or as it did. Of one whose
 * verdict is unknown it hears that there was no call.
 */
export function tellBreaker(permit: Permit, { outcome, violation }: Judgement, { end }: RecordedEvaluation): void {
  if (violation !== undefined) permit.failure(EvaluationError.ofViolation(violation));
  else if (outcome.verdict !== 'passes' || end === undefined) permit.release();
  else if (end.status === 'completed') permit.success();
  else if (end.violation !== undefined) permit.failure(EvaluationError.ofViolation(end.violation));
  else {
    const { kind = '', code = 'UNKNOWN', message = '' } = end.error ?? {};
    permit.failure(new EvaluationError(kindOf(kind, end.status), code, message));
  }
}

function kindOf(kind: string, status: string): EvaluationErrorKind {
  if (status === 'cancelled') return 'cancelled';
  return kind === 'rejected' ? 'rejected' : 'crashed';
}
