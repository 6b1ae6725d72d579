import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLine, encodeLine } from '../../src/journal/line.ts';
import { custom } from './events.ts';

const decoded = (line: string): unknown => decodeLine(Buffer.from(line).subarray(0, -1));
const roundTrip = (value: unknown): unknown => {
  const line = decoded(encodeLine(custom(1, value)));
  return (line as { event: { value: unknown } }).event.value;
};
const written = (value: unknown): unknown => (JSON.parse(encodeLine(custom(1, value))) as { value: unknown }).value;

describe('a line of the journal', () => {
  it('is flat JSON with seq and type first, and last the CRC-32 of the line without it', () => {
    const line = encodeLine(custom(7, 'héllo ✓'));

    const { crc, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(Object.keys(rest)).toEqual(['seq', 'type', 'at', 'runId', 'name', 'value']);
    expect(crc).toBe(crc32(JSON.stringify(rest)));
    expect(line.endsWith(`,"crc":${String(crc)}}\n`)).toBe(true);
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('tells NaN and infinities, and they come back', () => {
    expect(written({ loss: NaN, best: -Infinity, worst: [Infinity] })).toEqual({
      loss: { $number: 'NaN' },
      best: { $number: '-Infinity' },
      worst: [{ $number: 'Infinity' }],
    });
    expect(roundTrip({ loss: NaN, best: -Infinity, worst: [Infinity], zero: -0 })).toEqual({
      loss: NaN,
      best: -Infinity,
      worst: [Infinity],
      zero: -0,
    });
  });

  it('tells what an array was and never its data', () => {
    const weights = new Float32Array([1, 2, 3]);
    const sha256 = createHash('sha256').update(weights).digest('hex');
    const shared = new Uint8Array(new SharedArrayBuffer(4));

    expect(written({ nested: [weights] })).toEqual({ nested: [{ $array: 'Float32Array', length: 3, sha256 }] });
    expect(roundTrip(weights)).toEqual({ $array: 'Float32Array', length: 3, sha256 });
    expect(roundTrip(weights.subarray(0, 2))).toMatchObject({ $array: 'Float32Array', length: 2 });
    expect(roundTrip(Buffer.from('abc'))).toMatchObject({ $array: 'Uint8Array', length: 3 });
    expect(roundTrip(new BigInt64Array(2))).toMatchObject({ $array: 'BigInt64Array', length: 2 });
    expect(roundTrip(new ArrayBuffer(16))).toMatchObject({ $array: 'ArrayBuffer', length: 16 });
    expect(roundTrip(new DataView(new ArrayBuffer(16), 4))).toMatchObject({ $array: 'DataView', length: 12 });
    expect(roundTrip(shared)).toMatchObject({ $array: 'Uint8Array', length: 4 });
    expect(roundTrip(shared.buffer)).toMatchObject({ $array: 'SharedArrayBuffer', length: 4 });
  });

  it('keeps bigints, dates, maps and sets', () => {
    const value = {
      games: 12345678901234567890n,
      at: new Date(1_700_000_000_123),
      never: new Date(NaN),
      ratings: new Map<unknown, unknown>([
        ['a', NaN],
        [{ b: 1 }, new Set([1, new Date(0)])],
      ]),
    };

    expect(roundTrip(value)).toEqual(value);
  });

  it('keeps objects that look like tags', () => {
    const value = { $number: 'NaN', nested: { $$array: 1, $map: [] }, $loss: 1, $$other: 2 };

    expect(roundTrip(value)).toEqual(value);
    expect(roundTrip({ $bigint: '12' })).toEqual({ $bigint: '12' });
  });

  it.each([
    ['a function', () => 1, { $omitted: 'a function' }],
    ['a symbol', Symbol('s'), { $omitted: 'Symbol(s)' }],
    ['a promise', Promise.resolve(1), { $omitted: 'a promise: was an await forgotten?' }],
    ['undefined in an array', [undefined, 1], [null, 1]],
    ['a hole in an array', new Array(1), [null]],
    ['an undefined property', { a: undefined, b: 1 }, { b: 1 }],
    ['a regular expression', /a"b/g, '/a"b/g'],
    ['a URL', new URL('file:///a'), 'file:///a'],
    ['a boxed number', Object(5), 5],
    ['a toJSON that gives nothing', { toJSON: (): unknown => undefined }, null],
    [
      'an instance of a class',
      new (class Point {
        x = 1;
        y = NaN;
      })(),
      { x: 1, y: NaN },
    ],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ['a lone surrogate', { '\ud800': '\udc00' }, { '\ud800': '\udc00' }],
    ['an error', new TypeError('no', { cause: 'why' }), { name: 'TypeError', message: 'no', cause: 'why' }],
  ])('handles %s', (_, value, expected) => {
    expect(roundTrip(value)).toEqual(expected);
  });

  it('cuts cycles, and tells a value twice that stands there twice', () => {
    const shared = { a: 1 };
    const cycle: Record<string, unknown> = { one: shared, two: shared };
    cycle.self = [cycle];

    expect(roundTrip(cycle)).toEqual({
      one: { a: 1 },
      two: { a: 1 },
      self: [{ $omitted: 'a reference to what contains it' }],
    });
  });

  it('lets a property that throws cost itself only', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const value = {
      get bad(): never {
        throw new Error('lazy');
      },
      get worse(): never {
        throw null;
      },
      revoked: revoked.proxy,
      untold: {
        toJSON: (): never => {
          throw {
            get constructor(): never {
              throw new Error('no name');
            },
          };
        },
      },
      good: 1,
    };

    const told = roundTrip(value) as Record<string, { $omitted: string }>;

    expect(told).toMatchObject({ bad: { $omitted: 'it throws when it is read: lazy' }, good: 1 });
    expect(told.worse?.$omitted).toContain('null');
    expect(told.untold?.$omitted).toContain('something that cannot be told');
    expect(told.revoked?.$omitted).toContain('revoked');
  });

  it('bounds depth and length', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 20_000; level++) deep = [deep];
    expect(JSON.stringify(roundTrip(deep))).toContain('deeper than 100 levels');

    const line = encodeLine(custom(1, ['x'.repeat(600), 'y'.repeat(600)]), 1000);
    expect(decoded(line)).toMatchObject({ event: { seq: 1, value: { $omitted: 'longer than 1000 characters' } } });
  });

  it('writes a list of numbers as each of them by itself', () => {
    const valueIn = (value: unknown): string => /"value":(.*),"crc"/.exec(encodeLine(custom(1, value)))?.[1] ?? '';
    const number = fc.oneof(fc.double(), fc.integer(), fc.constant(-0));

    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        expect(valueIn(numbers)).toBe(`[${numbers.map(valueIn).join(',')}]`);
      }),
    );
    expect(valueIn(Object.assign([1, 2], { toJSON: () => 'no list' }))).toBe('[1,2]');
  });

  it('gives every value back that JSON or a tag can hold', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
    );
    const key = fc.oneof(fc.string(), fc.constantFrom('$number', '$$number', '$array', '__proto__', 'crc', '$map'));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, leaf, tie('list'), tie('object'), tie('map'), tie('set')),
      list: fc.array(tie('tree'), { maxLength: 5 }),
      object: fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
      map: fc.array(fc.tuple(tie('tree'), tie('tree')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
      set: fc.array(tie('tree'), { maxLength: 5 }).map((values) => new Set(values)),
    }));

    fc.assert(
      fc.property(tree, (value) => {
        const read = roundTrip(value);
        assert.deepStrictEqual(read, value);
        expect(encodeLine(custom(1, read))).toBe(encodeLine(custom(1, value)));
      }),
      { numRuns: 200 },
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withSparseArray: true,
          withNullPrototype: true,
          withBoxedValues: true,
        }),
        (value) => {
          expect(decoded(encodeLine(custom(1, value)))).toHaveProperty('event');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says of a line that was changed in one byte that it was', () => {
    const line = Buffer.from(encodeLine(custom(1, { winRate: 0.85 }))).subarray(0, -1);

    for (let at = 0; at < line.length; at++) {
      const changed = Buffer.from(line);
      changed[at] = changed[at]! ^ 1;
      expect(decodeLine(changed), `byte ${at}`).toHaveProperty('problem');
    }
  });
});
