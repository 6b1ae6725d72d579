import type { Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import type { Verdict } from '../wire/index.ts';

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
      return EvaluationError.ofViolation({
        ...verdict.breach,
        action: 'abort',
        evaluationId,
        lateByHostMs,
        pausedMs: 0,
      });
    case 'failed': {
      const lastWords = output.trim() === '' ? '' : `\nIts last output:\n${output.trim()}`;
      const cause =
        verdict.stack === undefined ? undefined : Object.assign(new Error(verdict.message), { stack: verdict.stack });
      return new EvaluationError(verdict.errorKind, verdict.code, verdict.message + lastWords, { cause });
    }
    case 'stopped': {
      const { killedAt, goneAt } = verdict;
      return abortError(typeof abortReason === 'string' ? abortReason : { ...abortReason, killedAt, goneAt });
    }
  }
}

/** The error of what was asked to end: for a reason, or because it broke a rule. */
export function abortError(reason: string | Violation): EvaluationError {
  return typeof reason === 'string' ? EvaluationError.cancelled(reason) : EvaluationError.ofViolation(reason);
}
