import { reasonOf } from '../errors/index.ts';
import { EvaluationError } from '../sla/index.ts';
import { packValue, type PackedValue } from '../wire/index.ts';
import { SnapshotBuffers, type Snapshot } from './snapshot-buffers.ts';

/** A file that an evaluation finds in its folder. */
export interface InputFile {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
  /** Of all chunks together. */
  readonly bytes: number;
}

/** An input as files: a copy of its own, so that the training may go on changing its arrays. */
export interface PackedFiles {
  readonly files: (folder: string) => readonly InputFile[];
  /** The files are written, or never will be: their memory may be used for another input. */
  readonly release?: (() => void) | undefined;
}

/** An input as files, or why there is none. */
export type PackedInput<Packed extends PackedFiles = PackedFiles> = Packed | { readonly error: EvaluationError };

/** The buffers of all inputs of this process. */
const inputBuffers = new SnapshotBuffers();

/**
 * Copies an input for an evaluator's process, once: as one file, `input`. What cannot be copied is an error to be told where the
 * job is run.
 */
export function packed(input: unknown, name: string, buffers: SnapshotBuffers = inputBuffers): PackedInput {
  let value: PackedValue;
  try {
    value = packValue(input);
  } catch (error) {
    const message = `The input of "${name}" must be plain data (structured clone), but: ${reasonOf(error)} Pass numbers, strings, objects, arrays or typed arrays.`;
    return { error: new EvaluationError('rejected', 'INPUT_NOT_CLONEABLE', message, { cause: error }) };
  }
  let snapshot: Snapshot;
  try {
    snapshot = buffers.take(value.bytes);
  } catch (error) {
    const megabytes = (value.bytes / 2 ** 20).toFixed(1);
    const message = `The input of "${name}" is ${megabytes} MB, more than can be copied at once (${reasonOf(error)}): pass less, or the path of a file.`;
    return { error: new EvaluationError('rejected', 'INPUT_TOO_LARGE', message, { cause: error }) };
  }
  value.copyTo(snapshot.bytes);
  const files: readonly InputFile[] = [{ name: 'input', chunks: [snapshot.bytes], bytes: value.bytes }];
  return { files: () => files, release: snapshot.release };
}
