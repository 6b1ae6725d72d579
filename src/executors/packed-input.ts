import { serialize } from 'node:v8';
import { reasonOf } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';

/** An input as bytes: a copy of its own, so that the training may go on changing its arrays. */
export type PackedInput = { readonly bytes: Buffer } | { readonly error: EvaluationError };

/** Copies an input by structured clone. What cannot be cloned is an error to be told where the job is run. */
export function packed(input: unknown, name: string): PackedInput {
  try {
    return { bytes: serialize(input) };
  } catch (error) {
    const reason = reasonOf(error);
    const message = `The input of "${name}" must be plain data (structured clone), but: ${reason} Pass numbers, strings, objects, arrays or typed arrays.`;
    return { error: new EvaluationError('rejected', 'INPUT_NOT_CLONEABLE', message, { cause: error }) };
  }
}
