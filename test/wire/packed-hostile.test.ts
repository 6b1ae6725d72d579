import fc from 'fast-check';
import { getHeapStatistics, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { unpackValue } from '../../src/wire/index.ts';
import { writeHead, type PackedHead } from '../../src/wire/packed-head.ts';
import { packedBytes } from './round-trip.ts';

/** A packed value as somebody else may write it. */
function forged({ plain = [], memory = 0, ...head }: Forgery): Buffer {
  const bytes = Buffer.from([
    0xff,
    0x0f,
    ...plain.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)),
  ]);
  return Buffer.concat([writeHead({ plain: bytes, buffers: [], views: [], ...head }), Buffer.alloc(memory)]);
}

interface Forgery extends Partial<Omit<PackedHead, 'plain'>> {
  readonly plain?: readonly (string | number)[];
  readonly memory?: number;
}

const notPacked = expect.objectContaining({ code: 'NOT_A_PACKED_VALUE' }) as Error;
/** 7 bits a byte, as V8 writes its numbers. */
const million33 = [0x80, 0x92, 0xde, 0x0f]; // 33 000 000
const most32 = [0xff, 0xff, 0xff, 0xff, 0x0f];

describe('a file that somebody else has written', () => {
  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('{"winRate":0.5}, and a little more than a head is long')],
    ['what V8 alone has serialised', serialize({ winRate: 0.5, note: 'x'.repeat(64) })],
    ['zeros', Buffer.alloc(4096)],
  ])('is refused where it is %s', (_, file) => {
    expect(() => unpackValue(file)).toThrow(notPacked);
  });

  it.each<[string, Forgery, RegExp]>([
    ['an unknown tag', { plain: ['!'] }, /unknown tag 33/],
    ['a serialised view', { plain: ['B', 8, ...Array<number>(8).fill(0), 'V'] }, /NOT|broken|deserialize/],
    ['a dense array longer than the file', { plain: ['A', ...most32] }, /array longer than itself/],
    ['a text longer than the file', { plain: ['"', ...most32] }, /cut short/],
    ['a bigint longer than the file', { plain: ['Z', ...most32] }, /cut short/],
    ['a buffer longer than the file', { plain: ['B', ...most32] }, /cut short/],
    ['a resizable buffer', { plain: ['~', 0, ...most32, 0] }, /resizable buffer/],
    ['a number without end', { plain: ['I', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] }, /more than 32 bits/],
    ['a property without a name', { plain: ['o', '0', '0', '{', 1] }, /without a name/],
    ['an error of unknown parts', { plain: ['r', 'x', '.'] }, /unknown part "x"/],
    ['an object that never came', { plain: ['^', 9] }, /./],
    ['a view that is not in the list', { plain: ['\\', 3] }, /no view 3/],
    ['a bare buffer that is not in the list', { plain: ['t', 3] }, /./],
    ['an endless nesting', { plain: Array<(string | number)[]>(300_000).fill(['A', 1]).flat() }, /./],
    ['a regular expression of megabytes', { plain: ['R', '"', 0x80, 0x80, 0x40, 'a'.repeat(2 ** 20), 0] }, /regular expression of 1048576 bytes/],
    ['a view of an unknown kind', { plain: ['\\', 0], views: [{ kind: 99, memory: 0, at: 0, bytes: 1 }] }, /no kind 99/],
    ['a view past the end', { plain: ['\\', 0], views: [{ kind: 9, memory: 0, at: 8, bytes: 4096 }] }, /does not lie at 8/],
    ['a view before the beginning', { plain: ['\\', 0], views: [{ kind: 9, memory: 0, at: -8, bytes: 8 }] }, /does not lie/],
    ['half an element', { plain: ['\\', 0], views: [{ kind: 9, memory: 0, at: 0, bytes: 7 }] }, /does not lie/],
    ['a view between two elements', { plain: ['\\', 0], views: [{ kind: 9, memory: 0, at: 2, bytes: 4 }] }, /does not lie/],
    ['a view that is no number of bytes', { plain: ['\\', 0], views: [{ kind: 9, memory: 0, at: NaN, bytes: 4 }] }, /does not lie/],
    ['a view of no memory', { plain: ['\\', 0], views: [{ kind: 9, memory: 1.5, at: 0, bytes: 4 }] }, /no memory 1.5/],
    ['a bare buffer past the end', { plain: ['0'], buffers: [{ at: 0, bytes: 2 ** 40 }] }, /does not lie/],
    ['the same memory for many buffers', { plain: ['0'], memory: 4096, buffers: Array(9).fill({ at: 0, bytes: 4000 }) as never }, /does not lie/],
  ])('is refused for %s', (_, forgery, reason) => {
    const file = forged(forgery);

    expect(() => unpackValue(file)).toThrow(notPacked);
    expect(() => unpackValue(file)).toThrow(reason);
  }); // prettier-ignore

  it.each([NaN, -1, 1.5, Infinity, 2 ** 52])('is refused where it counts %s of something', (count) => {
    for (const at of [8, 16, 24]) {
      const file = packedBytes({ weights: Float32Array.of(1, 2) });
      file.writeDoubleLE(count, at);
      expect(() => unpackValue(file)).toThrow(notPacked);
    }
  });

  it('is refused wherever it is cut', () => {
    const file = packedBytes({ a: [1, 'x', 2n], b: new Map([[1, Float64Array.of(1, 2)]]), c: new ArrayBuffer(3) });
    for (let length = 0; length < file.length; length++)
      expect(() => unpackValue(file.subarray(0, length))).toThrow(notPacked);
  });

  it('gives a value or a clear error whatever its bytes are', () => {
    const whole = packedBytes({
      list: [1, 0.5, 'text', 'é→', 5n, null, new Date(1), /x/g, Object(1)],
      map: new Map([[{ a: 1 }, new Set([2])]]),
      views: [Float32Array.of(1, 2), new DataView(new ArrayBuffer(2)), new ArrayBuffer(9), new SharedArrayBuffer(4)],
      error: new RangeError('no', { cause: [Uint8Array.of(1)] }),
    });
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const file = Buffer.from(whole);
        for (const { at, to } of changes) file[at] = to;
        try {
          unpackValue(file);
        } catch (error) {
          expect(error).toEqual(notPacked);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a small file that stands for much memory', () => {
  const mebibytes = 2 ** 20;

  it.each<[string, Forgery]>([
    ['an array of empty places', { plain: ['a', ...million33, '@', 0, ...million33] }],
    ['objects with wide gaps between their indices', { plain: ['A', 0xe8, 7, ...Array<(string | number)[]>(1000).fill(['o', 'U', 0xfe, 7, '0', '{', 1]).flat(), '$', 0, 0xe8, 7] }],
    ['the same with indices as text', { plain: ['A', 0xe8, 7, ...Array<(string | number)[]>(1000).fill(['o', '"', 4, '1022', '0', '{', 1]).flat(), '$', 0, 0xe8, 7] }],
    ['empty maps', { plain: ['A', 0xa0, 0x9c, 1, ...Array<(string | number)[]>(20_000).fill([';', ':', 0]).flat(), '$', 0, 0xa0, 0x9c, 1] }],
    ['views', { plain: ['0'], views: Array(20_000).fill({ kind: 3, memory: 0, at: 0, bytes: 1 }) as never }],
  ])('is refused where the heap has no room for %s', (_, forgery) => {
    const file = forged(forgery);
    const before = getHeapStatistics().used_heap_size;

    expect(() => unpackValue(file, { heapBytes: 4 * mebibytes })).toThrow(/would take about [\d.]+ MB of heap, and 4.0 MB/);
    expect(getHeapStatistics().used_heap_size - before).toBeLessThan(64 * mebibytes);
  }); // prettier-ignore

  it('makes one view of an entry, however often it is named', () => {
    const views = [{ kind: 3, memory: 0, at: 0, bytes: 1 }];
    const [one, other] = unpackValue(forged({ plain: ['A', 2, '\\', 0, '\\', 0, '$', 0, 2], views })) as unknown[];

    expect(one).toBeInstanceOf(Uint8Array);
    expect(other).toBe(one);
  });

  it('may use the heap that it is given', () => {
    const value = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `game ${id}` }));
    const file = packedBytes(value);

    expect(() => unpackValue(file, { heapBytes: mebibytes })).toThrow(/typed arrays/);
    expect(unpackValue(file, { heapBytes: Infinity })).toEqual(value);
    expect(unpackValue(file)).toEqual(value);
  });

  it('takes no more heap than was reckoned', () => {
    const gapped = forged({ plain: ['A', 0xe8, 7, ...Array<(string | number)[]>(1000).fill(['o', 'U', 0xfe, 7, '0', '{', 1]).flat(), '$', 0, 0xe8, 7] }); // prettier-ignore
    const before = getHeapStatistics().used_heap_size;
    const value = unpackValue(gapped, { heapBytes: 16 * mebibytes }) as unknown[];

    expect(value).toHaveLength(1000);
    expect(getHeapStatistics().used_heap_size - before).toBeLessThan(16 * mebibytes);
  });
});
