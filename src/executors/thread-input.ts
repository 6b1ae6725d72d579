import { reasonOf } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { packValue } from '../wire/index.ts';

/** An input in memory of its own, ready to be moved to a thread, or why there is none. */
export type ThreadInput = { readonly bytes: ArrayBuffer } | { readonly error: EvaluationError };

/** Copies an input, once. What cannot be copied is an error to be told where the job is run. */
export function threadInput(input: unknown, name: string): ThreadInput {
  try {
    const packed = packValue(input);
    const copy = new Uint8Array(packed.bytes);
    packed.copyTo(copy);
    return { bytes: copy.buffer };
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    const message = isTooLarge
      ? `There is no memory for a copy of the input of "${name}" (${reasonOf(error)}): pass less, or the path of a file.`
      : `The input of "${name}" must be plain data (structured clone), but: ${reasonOf(error)} Pass numbers, strings, objects, arrays or typed arrays.`;
    const code = isTooLarge ? 'INPUT_TOO_LARGE' : 'INPUT_NOT_CLONEABLE';
    return { error: new EvaluationError('rejected', code, message, { cause: error }) };
  }
}
