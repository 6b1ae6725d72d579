import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpyFile } from '../../src/executors/npy-file.ts';
import { npyHeader, parseNpyHeader, type NpyArray } from '../../src/executors/npy.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-npy-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file as numpy writes it, with any words in its header. */
function npy(descr: string, shape: string, values: Uint8Array, { order = 'False', version = 1 } = {}): Buffer {
  const text = Buffer.from(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }   \n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, text, values]);
}

async function read(bytes: Uint8Array): Promise<NpyArray> {
  const path = join(folder, 'array.npy');
  writeFileSync(path, bytes);
  const file = await open(path);
  try {
    return await readNpyFile(file, bytes.length);
  } finally {
    await file.close();
  }
}

const bytesOf = (array: NodeJS.TypedArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('a .npy file', () => {
  it.each([
    new Int8Array([-1, 2]),
    new Uint8Array([1, 255]),
    new Int16Array([-300, 300]),
    new Uint16Array([65_535]),
    new Int32Array([-70_000]),
    new Uint32Array([4_294_967_295]),
    new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]),
    new BigUint64Array([2n ** 64n - 1n]),
    new Float32Array([0.1, NaN, -0, Infinity]),
    new Float64Array([0.1, Number.MIN_VALUE]),
    new Float32Array(0),
  ])('holds %o and gives it back', async (array) => {
    const header = npyHeader(array[Symbol.toStringTag], [array.length]);

    expect(header.length % 64).toBe(0);
    expect(await read(Buffer.concat([header, bytesOf(array)]))).toStrictEqual(array);
  });

  it('holds a clamped array as plain bytes', () => {
    expect(parseNpyHeader(npyHeader('Uint8ClampedArray', [3]))).toMatchObject({ kind: 'Uint8Array', shape: [3] });
  });

  it('has the header that numpy writes', () => {
    const text = npyHeader('Float32Array', [2, 3]).toString('latin1');

    expect(text.slice(10)).toBe(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".padEnd(117)}\n`);
  });

  it.each([
    ["'>i2'", new Uint8Array([1, 2]), new Int16Array([0x0102])],
    ["'>f4'", new Uint8Array([0x3f, 0x80, 0, 0]), new Float32Array([1])],
    ["'>u8'", new Uint8Array([0, 0, 0, 0, 0, 0, 1, 0]), new BigUint64Array([256n])],
    ["'|b1'", new Uint8Array([1, 0, 1]), new Uint8Array([1, 0, 1])],
  ])('of dtype %s is read as a typed array of this machine', async (descr, bytes, expected) => {
    expect(await read(npy(descr, `(${expected.length},)`, bytes))).toStrictEqual(expected);
  });

  it('of several dimensions gives its values and its shape', async () => {
    const values = Int32Array.of(1, 2, 3, 4, 5, 6);

    expect(await read(npy("'<i4'", '(2, 3)', bytesOf(values)))).toStrictEqual({ data: values, shape: [2, 3] });
  });

  it('of as many dimensions as numpy takes is read', async () => {
    const shape = Array.from({ length: 64 }, () => 1);
    const header = npyHeader('Float64Array', shape);

    expect(await read(Buffer.concat([header, bytesOf(Float64Array.of(2.5))]))).toStrictEqual({
      data: Float64Array.of(2.5),
      shape,
    });
    expect(() => npyHeader('Float64Array', [...shape, 1])).toThrow('has 65 dimensions, and an array has at most 64');
  });

  it('of one number gives a shape without dimensions', async () => {
    expect(await read(npy("'<f8'", '()', bytesOf(Float64Array.of(2.5))))).toStrictEqual({
      data: Float64Array.of(2.5),
      shape: [],
    });
  });

  it('in the order of Fortran is brought into that of C', async () => {
    // a[i][j][k] = 100 i + 10 j + k, the first index running fastest in the file
    const inFile: number[] = [];
    for (let k = 0; k < 4; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) inFile.push(100 * i + 10 * j + k);
    const inOrder: number[] = [];
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) inOrder.push(100 * i + 10 * j + k);

    const bytes = npy("'<i2'", '(2, 3, 4)', bytesOf(Int16Array.from(inFile)), { order: 'True' });

    expect(await read(bytes)).toStrictEqual({ data: Int16Array.from(inOrder), shape: [2, 3, 4] });
  });

  it('of a later format, and with values that are not aligned, is read too', async () => {
    const values = bytesOf(Float64Array.of(1, 2));

    expect(await read(npy("'<f8'", '(2,)', values, { version: 2 }))).toStrictEqual(Float64Array.of(1, 2));
    expect(await read(npy("'<f8'", '(2L,)', values, { version: 3 }))).toStrictEqual(Float64Array.of(1, 2));
  });

  const whole = npy("'<f4'", '(4,)', new Uint8Array(16));
  it.each([
    ['nothing', Buffer.alloc(0), 'is no .npy file: write it with numpy.save'],
    ['text', Buffer.from('[1, 2, 3]\n'), 'is no .npy file: write it with numpy.save'],
    ['a cut header', whole.subarray(0, 30), 'has a header that cannot be read'],
    ['cut values', whole.subarray(0, -1), 'is cut short: its shape (4) wants 16 bytes, 15 are there'],
    ['a boastful shape', npy("'<f4'", '(9999999999, 9999999999)', new Uint8Array(16)), 'is cut short'],
    [
      'of too many dimensions',
      npy("'<f4'", `(${'1, '.repeat(65)})`, new Uint8Array(4)),
      'has 65 dimensions, and an array has at most 64',
    ],
    ['Python objects', npy("'|O'", '(1,)', new Uint8Array(8)), 'holds Python objects (dtype object)'],
    ['complex numbers', npy("'<c8'", '(1,)', new Uint8Array(8)), 'holds the dtype "<c8"'],
    ['a record', npy("[('a', '<f4')]", '(1,)', new Uint8Array(8)), 'for which there is no typed array'],
    ['text of fixed width', npy("'<U3'", '(1,)', new Uint8Array(12)), 'holds the dtype "<U3"'],
  ])('that is %s is refused by what it is', async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toThrow(reason);
  });

  it.skipIf('Float16Array' in globalThis)('of float16 is refused where there is no such typed array', async () => {
    await expect(read(npy("'<f2'", '(1,)', new Uint8Array(2)))).rejects.toThrow('holds float16');
  });
});
