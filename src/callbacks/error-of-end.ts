import type { EventOf } from '../events/index.ts';
import { EvaluationError, type EvaluationErrorKind } from '../sla/index.ts';

/**
 * The error that an evaluation's breaker heard of, as far as the record of its end tells it; `undefined` for one that was completed.
 */
export function errorOfEnd({ status, violation, error }: EventOf<'evaluation:end'>): EvaluationError | undefined {
  if (status === 'completed') return undefined;
  if (violation !== undefined) return EvaluationError.ofViolation(violation);
  const { kind = '', code = 'UNKNOWN', message = '' } = error ?? {};
  return new EvaluationError(kindOf(kind, status), code, message);
}

function kindOf(kind: string, status: string): EvaluationErrorKind {
  if (status === 'cancelled') return 'cancelled';
  return kind === 'rejected' ? 'rejected' : 'crashed';
}
