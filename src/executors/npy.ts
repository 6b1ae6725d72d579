import { endianness } from 'node:os';
import { told } from '../errors/index.ts';

type TypedArray = NodeJS.TypedArray;

/** An array out of a `.npy` file: a typed array if it has one dimension, otherwise its values in C order and its shape. */
export type NpyArray = TypedArray | { readonly data: TypedArray; readonly shape: readonly number[] };

/** What a `.npy` file says of itself; the values begin at `offset`. */
export interface NpyHeader {
  /** The typed array's name: `Float32Array`. */
  readonly kind: string;
  readonly itemBytes: number;
  readonly isSwapped: boolean;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  readonly offset: number;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');
const native = endianness() === 'LE' ? '<' : '>';
/** Of a longer header no array of numbers has need. */
const longestHeader = 65_535;
const prefixBytes = magic.length + 2 + 4;
/** numpy has no more either. */
const mostDimensions = 64;
/** How many bytes of a file are enough to read its header. */
export const npyHeaderBytes = prefixBytes + longestHeader;

/** numpy's names of what a typed array holds, without the byte order. `b1` is read, never written. */
const kinds: Readonly<Record<string, string>> = {
  f2: 'Float16Array',
  f4: 'Float32Array',
  f8: 'Float64Array',
  i1: 'Int8Array',
  i2: 'Int16Array',
  i4: 'Int32Array',
  i8: 'BigInt64Array',
  u1: 'Uint8Array',
  u2: 'Uint16Array',
  u4: 'Uint32Array',
  u8: 'BigUint64Array',
  b1: 'Uint8Array',
};

/**
 * The beginning of a `.npy` file (format 1.0, C order): the array's own bytes follow it.
 *
 * @param kind the typed array's name: `Float32Array`; `Uint8ClampedArray` is written as `Uint8Array`
 * @param shape its dimensions, outermost first, at most 64
 */
export function npyHeader(kind: string, shape: readonly number[]): Buffer {
  const plain = kind === 'Uint8ClampedArray' ? 'Uint8Array' : kind;
  const code = Object.keys(kinds).find((each) => kinds[each] === plain);
  if (code === undefined) throw new TypeError(`A .npy file holds typed arrays of numbers, but a ${kind} came.`);
  assertDimensions(shape);
  const order = code.endsWith('1') ? '|' : native;
  const tuple = shape.length === 1 ? `(${shape.join()},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The values begin at a multiple of 64, as numpy has it, so that a mapped file is aligned.
  const unpadded = magic.length + 2 + 2 + text.length + 1;
  const padded = `${text}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([magic, Buffer.from([1, 0]), length, Buffer.from(padded, 'latin1')]);
}

/**
 * Reads the beginning of a `.npy` file.
 *
 * @param head its first {@link npyHeaderBytes} bytes, or all of it
 * @throws {TypeError} what it is instead, as the end of a sentence that begins with the file: "holds dtype object".
 */
export function parseNpyHeader(head: Buffer): NpyHeader {
  const version = head[magic.length] ?? 0;
  const isLong = version >= 2;
  const textFrom = magic.length + 2 + (isLong ? 4 : 2);
  if (head.length < textFrom || !head.subarray(0, magic.length).equals(magic) || version < 1 || version > 3)
    throw new TypeError('is no .npy file: write it with numpy.save');
  const offset = textFrom + (isLong ? head.readUInt32LE(textFrom - 4) : head.readUInt16LE(textFrom - 2));
  const text = head.toString('latin1', textFrom, Math.min(offset, head.length));
  const descr = /'descr':\s*('[^']*'|\[.*\])/.exec(text)?.[1];
  const isFortran = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (offset > head.length || descr === undefined || isFortran === undefined || shape === undefined)
    throw new TypeError('has a header that cannot be read: write it with numpy.save');
  const dimensions = (shape.match(/\d+/g) ?? []).map(Number);
  assertDimensions(dimensions);
  return { ...dtypeOf(descr), isFortran: isFortran === 'True', shape: dimensions, offset };
}

/** @throws {TypeError} as the end of a sentence that begins with the array, or its file. */
export function assertDimensions({ length }: readonly number[]): void {
  if (length > mostDimensions)
    throw new TypeError(`has ${length} dimensions, and an array has at most ${mostDimensions}: reshape it`);
}

function dtypeOf(descr: string): Pick<NpyHeader, 'kind' | 'itemBytes' | 'isSwapped'> {
  const [, order = '', code = ''] = /^'([<>=|])([a-z]\d)'$/.exec(descr) ?? [];
  const kind = kinds[code];
  if (kind === undefined) {
    const what = descr === "'|O'" ? 'Python objects (dtype object)' : `the dtype ${told(descr.replaceAll("'", ''))}`;
    throw new TypeError(`holds ${what}, for which there is no typed array: save numbers or booleans (x.astype("f4"))`);
  }
  if (constructorOf(kind) === undefined)
    throw new TypeError(`holds float16, for which this Node has no typed array: save x.astype("f4")`);
  const itemBytes = Number(code[1]);
  return { kind, itemBytes, isSwapped: itemBytes > 1 && order !== '=' && order !== native };
}

/** How many values a shape has. */
export function npyLength(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/**
 * The array of a `.npy` file.
 *
 * @param bytes the values' own memory, exactly as many bytes as the header says; it becomes the array's
 */
export function npyArray({ kind, itemBytes, isSwapped, isFortran, shape }: NpyHeader, bytes: ArrayBuffer): NpyArray {
  if (isSwapped) swap(Buffer.from(bytes), itemBytes);
  const Kind = constructorOf(kind);
  if (Kind === undefined) throw new TypeError(`This Node has no ${kind}.`);
  const values = new Kind(bytes);
  if (shape.length === 1) return values;
  return { data: isFortran ? inCOrder(values, new Kind(new ArrayBuffer(bytes.byteLength)), shape) : values, shape };
}

function swap(bytes: Buffer, itemBytes: number): void {
  if (itemBytes === 2) bytes.swap16();
  else if (itemBytes === 4) bytes.swap32();
  else bytes.swap64();
}

/** Fortran keeps the first index running fastest, C the last: what numpy saves of a transposed array is in Fortran's order. */
function inCOrder(values: TypedArray, to: TypedArray, shape: readonly number[]): TypedArray {
  const strides = shape.map((_, axis) => npyLength(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let at = 0; at < to.length; at++) {
    to[at] = values[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      from -= stride * (next - 1);
      index[axis] = 0;
    }
  }
  return to;
}

function constructorOf(kind: string): (new (bytes: ArrayBuffer) => TypedArray) | undefined {
  return (globalThis as unknown as Record<string, new (bytes: ArrayBuffer) => TypedArray>)[kind];
}
