import { reasonOf, stackOf } from '../errors/index.ts';
import type { Decision } from '../supervisor/settlement.ts';

const longestMessage = 8000;

/**
 * The verdict about a thread that ended without an answer.
 *
 * @param thrown what was thrown beside the evaluation, where that has ended it
 */
export function threadCrash(code: number, thrown: { readonly error: unknown } | undefined): Decision {
  const how =
    thrown === undefined
      ? `with exit code ${code}`
      : `by an error thrown beside the evaluation: ${reasonOf(thrown.error).slice(0, longestMessage)}`;
  const message = `The evaluator's thread ended (${how}) before it had answered.`;
  const stack = stackOf(thrown?.error, longestMessage);
  return { kind: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message, stack };
}
