import { describe, expect, it } from 'vitest';
import { packValue, unpackValue } from '../../src/wire/index.ts';
import { packedBytes, roundTrip } from './round-trip.ts';

interface RuntimeArrays {
  readonly Float16Array?: new (values: number[]) => ArrayBufferView;
}
const { Float16Array } = globalThis as RuntimeArrays;

describe('a packed value', () => {
  it.each<[string, ArrayBufferView]>([
    ['Int8Array', Int8Array.of(-1, 2)],
    ['Uint8Array', Uint8Array.of(1, 255)],
    ['Uint8ClampedArray', Uint8ClampedArray.of(1, 255)],
    ['Int16Array', Int16Array.of(-1, 2)],
    ['Uint16Array', Uint16Array.of(1, 65535)],
    ['Int32Array', Int32Array.of(-1, 2)],
    ['Uint32Array', Uint32Array.of(1, 2 ** 32 - 1)],
    ['Float32Array', Float32Array.of(0.5, -0, Infinity)],
    ['Float64Array', Float64Array.of(Math.PI, -0)],
    ['BigInt64Array', BigInt64Array.of(-1n, 2n)],
    ['BigUint64Array', BigUint64Array.of(1n, 2n ** 64n - 1n)],
    ['DataView', new DataView(Uint8Array.of(1, 2, 3).buffer, 1)],
    ['Buffer', Buffer.from('abc')],
    ...(Float16Array === undefined
      ? []
      : ([['Float16Array', new Float16Array([0.5, 2])]] as [string, ArrayBufferView][])),
  ])('gives a %s back as what it was', (name, view) => {
    const back = roundTrip({ before: 'x', view }).view;

    expect(back).toEqual(view);
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(view));
    expect(name).toBe(Buffer.isBuffer(back) ? 'Buffer' : back.constructor.name);
  });

  it.each([new Float64Array(0), new DataView(new ArrayBuffer(0)), Buffer.alloc(0), new ArrayBuffer(0)])(
    'gives an empty %o back',
    (empty) => {
      expect(roundTrip([empty, Uint8Array.of(1)])).toEqual([empty, Uint8Array.of(1)]);
    },
  );

  it('finds arrays wherever they stand', () => {
    const weights = Float32Array.of(1, 2, 3);
    const value = {
      deep: [{ weights }, [weights.subarray(1)]],
      map: new Map<unknown, unknown>([
        [weights, 'as a key'],
        ['as a value', weights],
      ]),
      set: new Set([weights]),
      noClass: Object.assign(Object.create(null) as object, { weights }),
      error: new TypeError('with a cause', { cause: { weights } }),
    };
    const back = roundTrip(value);

    expect(back.deep).toEqual([{ weights }, [Float32Array.of(2, 3)]]);
    expect([...back.map]).toEqual([
      [weights, 'as a key'],
      ['as a value', weights],
    ]);
    expect([...back.set]).toEqual([weights]);
    expect(back.noClass).toEqual({ weights });
    expect(back.error).toBeInstanceOf(TypeError);
    expect(back.error.cause).toEqual({ weights });
    expect(back.error.message).toBe('with a cause');
  });

  it('gives back everything else that structured clone knows', () => {
    const sparse: unknown[] = [1, , 3]; // eslint-disable-line no-sparse-arrays
    const value = [undefined, null, true, -0, 1e300, 123n, -(2n ** 80n), 'é', '→'.repeat(300), new Date(5), /a+/giu, sparse]; // prettier-ignore
    const boxed = [Object(1), Object('s'), Object(true), Object(1n)] as unknown[];
    const named = Object.assign([1, 2], { extra: 'x' });
    const indexed = { 5: 'a', '12': 'b', 4294967295: 'c', ['__proto__']: 'd' };

    expect(roundTrip(value)).toEqual(structuredClone(value));
    expect(roundTrip(boxed)).toEqual(structuredClone(boxed));
    expect(roundTrip(named)).toEqual(structuredClone(named));
    expect(roundTrip(indexed)).toEqual(structuredClone(indexed));
    expect(1 in roundTrip(sparse)).toBe(false);
    expect(roundTrip(new Array(50_000_000)).length).toBe(50_000_000);
  });

  it('holds cycles, and an array that stands twice is one array', () => {
    const weights = Float32Array.of(1, 2);
    const value: Record<string, unknown> = { weights, again: [weights], buffer: weights.buffer };
    value.self = value;
    const back = roundTrip(value);

    expect(back.self).toBe(back);
    expect((back.again as unknown[])[0]).toBe(back.weights);
    expect((back.weights as Float32Array).buffer).toBe(back.buffer);
  });

  it('keeps the bits of a NaN', () => {
    const bits = Uint32Array.of(0x7fc01234, 0xff800001);
    const back = roundTrip(new Float32Array(bits.buffer));

    expect([...new Uint32Array(back.buffer, back.byteOffset, 2)]).toEqual([...bits]);
  });

  it('takes of a view with an offset only what it shows, and of a huge buffer only its views', () => {
    const huge = new ArrayBuffer(64 * 2 ** 20);
    const first = new Uint8Array(huge, 3, 5).fill(1);
    const last = new Float64Array(huge, 32 * 2 ** 20, 2).fill(0.5);
    const packed = packValue([first, last]);

    expect(packed.bytes).toBeLessThan(500);
    expect(roundTrip([first, last])).toEqual([Uint8Array.of(1, 1, 1, 1, 1), Float64Array.of(0.5, 0.5)]);
  });

  it('lets views that overlapped share memory again, and only those', () => {
    const buffer = new ArrayBuffer(64);
    const bytes = new Uint8Array(buffer, 3, 10);
    const floats = new Float64Array(buffer, 8, 2);
    const apart = new Uint8Array(buffer, 32, 8);
    const [backBytes, backFloats, backApart] = roundTrip([bytes, floats, apart] as const);
    new Uint8Array(backFloats.buffer, backFloats.byteOffset, 1)[0] = 77;

    expect(backBytes[5]).toBe(77);
    expect(backApart).toEqual(apart);
  });

  it('lets a bare buffer share memory with its views', () => {
    const buffer = Uint8Array.from({ length: 20 }, (_, index) => index).buffer;
    const [view, back, zero] = roundTrip([new Uint8Array(buffer, 4, 2), buffer, new Uint8Array(buffer, 20)] as const);
    view[0] = 99;

    expect(back.byteLength).toBe(20);
    expect(new Uint8Array(back)[4]).toBe(99);
    expect(view.buffer).toBe(back);
    expect(zero.buffer).toBe(back);
  });

  it('finds a bare buffer also behind thousands of objects', () => {
    const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;
    const buffers = [new ArrayBuffer(2 ** 20), new Resizable(2 ** 20, { maxByteLength: 2 ** 21 })];
    for (const buffer of buffers) {
      const many = Array.from({ length: 5000 }, (_, id) => ({ id, inner: { buffer: id === 4999 ? buffer : null } }));
      const value = { many, view: new Uint8Array(buffer, 8, 1) };
      const back = roundTrip(value);

      expect(packValue(value).chunks.some((chunk) => chunk.buffer === buffer)).toBe(true);
      expect(back.view.buffer).toBe(back.many[4999]?.inner.buffer);
      expect(roundTrip(many.slice(1))).toHaveLength(4999);
    }
  });

  it('gives shared memory back as ordinary memory', () => {
    const shared = new SharedArrayBuffer(16);
    const view = new Int32Array(shared, 4, 2).fill(7);
    const [alone] = roundTrip([view] as const);
    const [bare, twice, beside] = roundTrip([shared, shared, view] as const);

    expect(alone).toEqual(Int32Array.of(7, 7));
    expect(alone.buffer).toBeInstanceOf(ArrayBuffer);
    expect(bare).toBeInstanceOf(ArrayBuffer);
    expect(twice).toBe(bare);
    expect(beside.buffer).toBe(bare);
    expect([...new Int32Array(bare)]).toEqual([0, 7, 7, 0]);
  });

  it('gives resizable memory back with the size that it had', () => {
    const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer;
    const buffer = new Resizable(8, { maxByteLength: 64 });
    const tracking = new Uint8Array(buffer);
    const beyond = new Uint8Array(buffer, 4, 4);
    (buffer as unknown as { resize(bytes: number): void }).resize(6);

    expect(roundTrip([tracking, new DataView(buffer, 2)]).map(({ byteLength }) => byteLength)).toEqual([6, 4]);
    expect(roundTrip(buffer).byteLength).toBe(6);
    expect(() => packValue(beyond)).toThrow(expect.objectContaining({ code: 'NOT_CLONEABLE' }));
  });

  it('is a snapshot once it is copied, and nothing before', () => {
    const weights = Float32Array.of(1);
    const packed = packValue({ weights });
    weights[0] = 2;
    const file = Buffer.allocUnsafeSlow(packed.bytes);
    packed.copyTo(file);
    weights[0] = 3;

    expect(unpackValue(file)).toEqual({ weights: Float32Array.of(2) });
  });

  it('lies in its chunks as in the copy', () => {
    const value = { a: Uint8Array.of(1, 2, 3), b: Float64Array.of(1), c: new ArrayBuffer(5) };
    const packed = packValue(value);

    expect(Buffer.concat(packed.chunks)).toEqual(packedBytes(value));
    expect(packed.chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(packed.bytes);
  });

  it('is read without copying its arrays, unless its memory belongs to others too', () => {
    const alone = packedBytes(Float32Array.of(1, 2));
    const pooled = Buffer.concat([Buffer.alloc(3), alone, Buffer.alloc(9)]).subarray(3, 3 + alone.length);

    expect((unpackValue(alone) as Float32Array).buffer).toBe(alone.buffer);
    expect(unpackValue(pooled)).toEqual(Float32Array.of(1, 2));
    expect((unpackValue(pooled) as Float32Array).buffer).not.toBe(pooled.buffer);
  });
});

describe('what cannot be packed', () => {
  const detached = new ArrayBuffer(8);
  const detachedView = new Float32Array(detached);
  const detachedDataView = new DataView(detached);
  structuredClone(detached, { transfer: [detached] });

  it.each<[string, unknown]>([
    ['a function', { evaluate: () => 1 }],
    ['a symbol', [Symbol('s')]],
    ['a promise', Promise.resolve(1)],
    ['a WeakMap', new Map([['weak', new WeakMap()]])],
    ['a proxy', new Proxy({}, {})],
    ['a port', new MessageChannel().port1],
    ['a detached buffer', detached],
    ['a view of a detached buffer', detachedView],
    ['a DataView of a detached buffer', detachedDataView],
    ['what a getter throws', { get value() { throw new Error('not now'); } }], // prettier-ignore
  ])('%s is a clear error', (_, value) => {
    expect(() => packValue(value)).toThrow(
      expect.objectContaining({ code: 'NOT_CLONEABLE', message: expect.stringMatching(/\S{3}/) as string }),
    );
  });

  it('is told in few words, however long its source text is', () => {
    const long = new Function(`return "${'x'.repeat(1e6)}"`); // eslint-disable-line @typescript-eslint/no-implied-eval
    let message = '';
    try {
      packValue([long]);
    } catch (error) {
      message = (error as Error).message;
    }

    expect(message.length).toBeLessThan(400);
    expect(message).toMatch(/could not be cloned/);
  });

  it('is a structure too deep for the stack', () => {
    let list: unknown = null;
    for (let depth = 0; depth < 200_000; depth++) list = { list };

    expect(() => packValue(list)).toThrow(expect.objectContaining({ code: 'NOT_CLONEABLE' }));
  });
});
