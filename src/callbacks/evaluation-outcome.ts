import { stackOf, thrownWords } from '../errors/index.ts';
import type { Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import type { EvaluationOutcome } from './evaluation-record.ts';

/** In characters. */
const longestStack = 4_000;

/** How an execution settled: with its result, without one, with an error; or the breaker refused it, and it never began. */
export type Settlement =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'empty' }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'refused' };

/** Says how an evaluation ended, in the words of `evaluation:end`. It never throws, whatever its executor gave. */
export function outcomeOf(settlement: Exclude<Settlement, { kind: 'refused' }>): EvaluationOutcome {
  try {
    return outcomeAsTold(settlement);
  } catch (error) {
    const message = `The executor failed, and its error cannot be read: ${thrownWords(error)}`;
    return { status: 'failed', error: { code: 'EXECUTOR_FAILED', kind: 'crashed', message } };
  }
}

function outcomeAsTold(settlement: Exclude<Settlement, { kind: 'refused' }>): EvaluationOutcome {
  switch (settlement.kind) {
    case 'result':
      return { status: 'completed', result: settlement.result };
    case 'empty':
      return outcomeOfError(
        new EvaluationError(
          'crashed',
          'NO_RESULT',
          'The executor completed without a result: it must emit one value and then complete.',
        ),
      );
    case 'error':
      return outcomeOfError(asEvaluationError(settlement.error));
  }
}

function outcomeOfError({ kind, code, message, violation, cause }: EvaluationError): EvaluationOutcome {
  const stack = stackOf(cause, longestStack);
  const error = { code, kind, message, ...(stack !== undefined && { stack }) };
  if (kind === 'cancelled') return { status: 'cancelled', error };
  if (violation === undefined) return { status: 'failed', error };
  return { status: 'violated', error, violation: reaped(violation) };
}

/** An error that is no {@link EvaluationError} came out of a user's executor. */
function asEvaluationError(error: unknown): EvaluationError {
  if (error instanceof EvaluationError) return error;
  return new EvaluationError('crashed', 'EXECUTOR_FAILED', `The executor failed: ${thrownWords(error)}`, {
    cause: error,
  });
}

/** Without an executor that tells when, the kill is its unsubscription, and what was unsubscribed from is gone. */
function reaped(violation: Violation): Violation {
  const killedAt = violation.killedAt ?? violation.observedAt;
  return { ...violation, killedAt, goneAt: violation.goneAt ?? killedAt };
}
