import { EvaluationError } from '../sla/index.ts';
import type { SettledThread } from './thread-messages.ts';
import { abortError, breachError, failedError, type VerdictFacts } from './verdict-error.ts';

const stuckSentence =
  'Its thread could not be stopped: it is inside a call that does not return (it waits for a child process, or reads where nothing comes), and keeps its slot until it does. Use a processExecutor for such code.';

/** The error of an evaluation that gave no result. Of a thread that goes on no `goneAt` is told. */
export function threadError(
  { verdict, isStuck, output }: SettledThread,
  { abortReason = 'it was unsubscribed from', ...facts }: Omit<VerdictFacts, 'output'>,
): EvaluationError {
  const told = (message: string): string => (isStuck ? `${message} ${stuckSentence}` : message);
  switch (verdict.kind) {
    case 'breach': {
      const { goneAt, message, ...breach } = verdict.breach;
      return breachError({ ...breach, ...(!isStuck && { goneAt }), message: told(message) }, facts);
    }
    case 'stopped': {
      if (typeof abortReason === 'string') return abortError(isStuck ? told(`${abortReason}.`) : abortReason);
      const { killedAt, goneAt } = verdict;
      const { message } = abortError(abortReason);
      return abortError({ ...abortReason, killedAt, ...(!isStuck && { goneAt }), message: told(message) });
    }
    case 'failed':
      return failedError(verdict, output, told(verdict.message));
    case 'result':
      return new EvaluationError('rejected', 'RESULT_NOT_READABLE', 'The result did not come with its message.');
  }
}
