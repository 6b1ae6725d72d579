import type { Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import type { SettledThread } from './thread-messages.ts';

const stuckSentence =
  'Its thread could not be stopped: it is inside a call that does not return (it waits for a child process, or reads where nothing comes), and keeps its slot until it does. Use a processExecutor for such code.';

export interface ErrorContext {
  readonly evaluationId: string;
  /** Why it was asked to stop, if it was. */
  readonly abortReason: string | Violation | undefined;
  readonly lateByHostMs: number;
}

/** The error of an evaluation that gave no result. Of a thread that goes on no `goneAt` is told. */
export function threadError(
  { verdict, isStuck, output }: SettledThread,
  { evaluationId, abortReason = 'it was unsubscribed from', lateByHostMs }: ErrorContext,
): EvaluationError {
  const told = (message: string): string => (isStuck ? `${message} ${stuckSentence}` : message);
  switch (verdict.kind) {
    case 'breach': {
      const { goneAt, message, ...breach } = verdict.breach;
      return EvaluationError.ofViolation({
        ...breach,
        ...(!isStuck && { goneAt }),
        message: told(message),
        action: 'abort',
        evaluationId,
        lateByHostMs,
        pausedMs: 0,
      });
    }
    case 'stopped': {
      if (typeof abortReason === 'string')
        return EvaluationError.cancelled(isStuck ? told(`${abortReason}.`) : abortReason);
      const { killedAt, goneAt } = verdict;
      const message = told(EvaluationError.ofViolation(abortReason).message);
      return EvaluationError.ofViolation({ ...abortReason, killedAt, ...(!isStuck && { goneAt }), message });
    }
    case 'failed': {
      const { errorKind, code, message, stack } = verdict;
      const lastWords = output.trim() === '' ? '' : `\nIts last output:\n${output.trim()}`;
      const cause = stack === undefined ? undefined : Object.assign(new Error(message), { stack });
      return new EvaluationError(errorKind, code, told(message) + lastWords, { cause });
    }
    case 'result':
      return new EvaluationError('rejected', 'RESULT_NOT_READABLE', 'The result did not come with its message.');
  }
}
