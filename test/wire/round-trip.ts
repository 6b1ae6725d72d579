import { packValue, unpackValue } from '../../src/wire/index.ts';

/** The bytes of a packed value, in memory of their own. */
export function packedBytes(value: unknown): Buffer {
  const packed = packValue(value);
  const file = Buffer.allocUnsafeSlow(packed.bytes).fill(0xee);
  packed.copyTo(file);
  return file;
}

export function roundTrip<T>(value: T): T {
  return unpackValue(packedBytes(value)) as T;
}
