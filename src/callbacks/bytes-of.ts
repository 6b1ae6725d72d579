import { isAnyArrayBuffer } from 'node:util/types';
import { told } from '../errors/index.ts';

/**
 * A copy of what a checkpoint file is to hold, so that the training may go on changing its arrays.
 *
 * @throws TypeError for what is no `CheckpointBytes`.
 */
export function bytesOf(given: unknown): Uint8Array {
  if (typeof given === 'string') return Buffer.from(given);
  if (ArrayBuffer.isView(given)) return copyOf(new Uint8Array(given.buffer, given.byteOffset, given.byteLength));
  if (isAnyArrayBuffer(given)) return copyOf(new Uint8Array(given));
  throw new TypeError(
    `it must give what the file is to hold, a text, an array of numbers or an ArrayBuffer, but ${told(given)} came`,
  );
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
