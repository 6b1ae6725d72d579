import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PitwallError } from '../errors/pitwall-error.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { told } from '../errors/told.ts';
import type { Evaluator } from './define-evaluator.ts';

/**
 * Loads an evaluator's module.
 *
 * @throws {PitwallError} `EVALUATOR_NOT_FOUND` where no file is, `EVALUATOR_INVALID` where the default export is no function,
 * `EVALUATOR_CRASHED` when the module throws while it loads.
 */
export async function loadEvaluator(url: string): Promise<Evaluator> {
  const path = fileURLToPath(url);
  if (!existsSync(path))
    throw new PitwallError(
      'EVALUATOR_NOT_FOUND',
      `No evaluator is at ${path}: check the URL that the evaluation was given.`,
    );
  let loaded: { default?: unknown };
  try {
    loaded = (await import(url)) as { default?: unknown };
  } catch (error) {
    const reason = reasonOf(error);
    throw new PitwallError('EVALUATOR_CRASHED', `The evaluator ${path} threw while it was loaded: ${reason}`, {
      cause: error,
    });
  }
  if (typeof loaded.default !== 'function')
    throw new PitwallError(
      'EVALUATOR_INVALID',
      `The default export of ${path} must be an evaluator (export default defineEvaluator(…)), but ${told(loaded.default)} was found.`,
    );
  return loaded.default as Evaluator;
}
