import type { Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import type { Breach, Verdict } from '../wire/index.ts';

/** What the host knows of an execution beside the supervisor's verdict. */
export interface VerdictFacts {
  readonly evaluationId: string;
  readonly abortReason: string | Violation | undefined;
  /** How much later than it happened the host has learned of the end. */
  readonly lateByHostMs: number;
  /** The last words on stdout and stderr. */
  readonly output: string;
}

/** The error that stands for a verdict without a result. */
export function errorOfVerdict(
  verdict: Exclude<Verdict, { kind: 'result' }>,
  { evaluationId, abortReason = 'it was unsubscribed from', lateByHostMs, output }: VerdictFacts,
): EvaluationError {
  switch (verdict.kind) {
    case 'breach':
      return breachError(verdict.breach, { evaluationId, lateByHostMs });
    case 'failed':
      return failedError(verdict, output);
    case 'stopped': {
      const { killedAt, goneAt } = verdict;
      return abortError(typeof abortReason === 'string' ? abortReason : { ...abortReason, killedAt, goneAt });
    }
  }
}

/** A breach as it was seen; `goneAt` is missing where what broke the limit goes on. */
type SeenBreach = Omit<Breach, 'goneAt'> & Partial<Pick<Breach, 'goneAt'>>;

/** The error of what broke a limit. */
export function breachError(
  breach: SeenBreach,
  { evaluationId, lateByHostMs }: Pick<VerdictFacts, 'evaluationId' | 'lateByHostMs'>,
): EvaluationError {
  return EvaluationError.ofViolation({ ...breach, action: 'abort', evaluationId, lateByHostMs });
}

/**
 * The error of what failed by itself: its sentence, and then its last words on stdout and stderr.
 *
 * @param explained the sentence, where there is more to say than the verdict does
 */
export function failedError(
  { errorKind, code, message, stack }: Extract<Verdict, { kind: 'failed' }>,
  output: string,
  explained = message,
): EvaluationError {
  const lastWords = output.trim() === '' ? '' : `\nIts last output:\n${output.trim()}`;
  const cause = stack === undefined ? undefined : Object.assign(new Error(message), { stack });
  return new EvaluationError(errorKind, code, explained + lastWords, { cause });
}

/** The error of what was asked to end: for a reason, or because it broke a rule. */
export function abortError(reason: string | Violation): EvaluationError {
  return typeof reason === 'string' ? EvaluationError.cancelled(reason) : EvaluationError.ofViolation(reason);
}
