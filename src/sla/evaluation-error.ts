import { PitwallError } from '../errors/index.ts';
import type { Violation } from '../events/index.ts';

/**
 * Why an evaluation gave no result.
 *
 * - `violation`: it broke a rule of its SLA and was ended
 * - `crashed`: its code threw, or its process ended before it answered
 * - `rejected`: it could not be run as asked: its module, input or result is not usable
 * - `cancelled`: somebody asked it to stop
 */
export type EvaluationErrorKind = 'violation' | 'crashed' | 'rejected' | 'cancelled';

/** The error of an execution: what kind it is, the stable code, and of a violation the whole {@link Violation}. */
export class EvaluationError extends PitwallError {
  readonly kind: EvaluationErrorKind;
  readonly violation: Violation | undefined;

  constructor(
    kind: EvaluationErrorKind,
    code: string,
    message: string,
    { violation, cause }: { readonly violation?: Violation | undefined; readonly cause?: unknown } = {},
  ) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.violation = violation;
  }

  /** The error that stands for a broken rule. Its code is `SLA_VIOLATION`; `cause` is the error with which its work ended. */
  static ofViolation(violation: Violation, { cause }: { readonly cause?: unknown } = {}): EvaluationError {
    return new EvaluationError('violation', 'SLA_VIOLATION', violation.message ?? violationSentence(violation), {
      violation,
      cause,
    });
  }

  /** The error of what somebody asked to stop. Its code is `CANCELLED`. */
  static cancelled(reason: string): EvaluationError {
    return new EvaluationError('cancelled', 'CANCELLED', `The evaluation was cancelled: ${reason}`);
  }
}

/** `itemTimeMs: 412 ms observed, the limit is 300 ms`. */
export function violationSentence({ rule, observed, limit, unit }: Violation): string {
  const of = unit === '' ? '' : ` ${unit}`;
  return `${rule}: ${round(observed)}${of} observed, the limit is ${round(limit)}${of}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
