import { PitwallError } from '../errors/pitwall-error.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { packValue, type PackedValue } from '../wire/evaluator-side.ts';

/** Whose answer it is, and how large it may be. */
export interface PackLimits {
  readonly name: string;
  readonly maxResultMb: number;
}

/**
 * A result, or a partial one, ready to be written with `writePackedFile`: nothing of its arrays is copied before.
 *
 * @throws {PitwallError} `RESULT_NOT_CLONEABLE` for what is no plain data, `RESULT_TOO_LARGE` above `maxResultMb`.
 */
export function packed(
  value: unknown,
  what: 'result' | 'partial result',
  { name, maxResultMb }: PackLimits,
): PackedValue {
  let answer: PackedValue;
  try {
    answer = packValue(value);
  } catch (error) {
    const reason = reasonOf(error);
    throw new PitwallError(
      'RESULT_NOT_CLONEABLE',
      `The ${what} of "${name}" must be plain data (structured clone), but: ${reason} Return numbers, strings, objects, arrays or typed arrays.`,
    );
  }
  const megabytes = answer.bytes / 2 ** 20;
  if (megabytes > maxResultMb)
    throw new PitwallError(
      'RESULT_TOO_LARGE',
      `The ${what} of "${name}" is ${megabytes.toFixed(1)} MB, the limit is ${maxResultMb} MB: return less, or raise maxResultMb.`,
    );
  return answer;
}
