import type { InputFile } from './packed-input.ts';
import { assertDimensions, npyHeader, npyLength } from './npy.ts';

/**
 * The arrays of one input, each once, also where it stands in several places. A typed array has one dimension; `{ data, shape }` of
 * a typed array and its dimensions has several; an `ArrayBuffer` and a `DataView` are bytes. They are put aside as they are met, and
 * then copied all at once, into one piece of memory.
 */
export class ArraysAside {
  readonly #numbers = new Map<object, number>();
  readonly #found: FoundArray[] = [];

  /**
   * @returns its number, or `undefined` for what is no array of numbers.
   * @throws {TypeError} for an array whose memory is gone, or that has more dimensions than numpy takes.
   */
  put(value: object): number | undefined {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const found = arrayIn(value);
    if (found === undefined) return undefined;
    this.#numbers.set(value, this.#found.length);
    return this.#found.push(found) - 1;
  }

  /** The name of an array's file. */
  name(number: number): string {
    return `input-${number + 1}.npy`;
  }

  /** The bytes of all their values. */
  get bytes(): number {
    return this.#found.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Copies the values into `memory`, and gives the files that hold them there. */
  copyTo(memory: Uint8Array): InputFile[] {
    let at = 0;
    return this.#found.map(({ kind, shape, bytes }, number) => {
      memory.set(bytes, at);
      const values = memory.subarray(at, (at += bytes.length));
      return inputFile(this.name(number), [npyHeader(kind, shape), values]);
    });
  }
}

/** A file of these chunks. */
export function inputFile(name: string, chunks: readonly Uint8Array[]): InputFile {
  return { name, chunks, bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

interface FoundArray {
  readonly kind: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

function arrayIn(value: object): FoundArray | undefined {
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return bytesOf(new Uint8Array(value));
  if (value instanceof DataView) return bytesOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (isTypedArray(value)) {
    // Throws for memory that is gone (transferred): elsewhere its length would read as 0.
    if (value.length === 0) Uint8Array.prototype.keys.call(value as Uint8Array);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { kind: value[Symbol.toStringTag], shape: [value.length], bytes };
  }
  const { data, shape } = value as { readonly data?: unknown; readonly shape?: unknown };
  if (!isTypedArray(data) || !isShapeOf(shape, data.length) || Object.keys(value).length !== 2) return undefined;
  assertDimensions(shape);
  const flat = arrayIn(data);
  return flat === undefined ? undefined : { ...flat, shape };
}

function bytesOf(bytes: Uint8Array): FoundArray {
  return { kind: 'Uint8Array', shape: [bytes.length], bytes };
}

function isTypedArray(value: unknown): value is NodeJS.TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function isShapeOf(shape: unknown, length: number): shape is readonly number[] {
  if (!Array.isArray(shape)) return false;
  const dimensions = shape as readonly unknown[];
  return (
    dimensions.every((each) => Number.isSafeInteger(each) && (each as number) >= 0) &&
    npyLength(dimensions as readonly number[]) === length
  );
}
