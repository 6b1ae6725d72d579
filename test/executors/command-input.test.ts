import { describe, expect, it } from 'vitest';
import { packCommand } from '../../src/executors/command-input.ts';
import { parseCommand } from '../../src/executors/command-template.ts';
import { parseNpyHeader } from '../../src/executors/npy.ts';

const pack = (args: string[], input: unknown) => packCommand(parseCommand(['program', ...args]), input, 'vs-random');

/** The files as they would lie in /e. */
function filesOf(packed: ReturnType<typeof packCommand>): Record<string, Buffer> {
  const files = packed.files('/e').map(({ name, chunks, bytes }) => {
    const whole = Buffer.concat(chunks);
    expect(whole.length).toBe(bytes);
    return [name, whole] as const;
  });
  return Object.fromEntries(files);
}

function jsonOf(input: unknown): unknown {
  return JSON.parse(filesOf(pack(['{input}'], input))['input.json']!.toString());
}

describe('the input of a command', () => {
  it('is a JSON file whose path stands for {input}, and its arrays are files beside it', () => {
    const weights = Float32Array.of(0.5, -1);
    const packed = pack(['{input}', '--out={output}'], { epoch: 3, net: { layers: [weights, weights] } });
    const files = filesOf(packed);

    expect(packed.argv('/e')).toEqual(['program', '/e/input.json', '--out=/e/output.json']);
    const reference = { $npy: '/e/input-1.npy' };
    expect(JSON.parse(files['input.json']!.toString())).toEqual({ epoch: 3, net: { layers: [reference, reference] } });
    const array = files['input-1.npy']!;
    const { offset, ...header } = parseNpyHeader(array);
    expect(header).toMatchObject({ kind: 'Float32Array', shape: [2] });
    expect(array.subarray(offset)).toEqual(Buffer.from(weights.buffer));
    expect(Object.keys(files)).toHaveLength(2);
    expect(packed.bytes).toBeGreaterThan(array.length);
  });

  it('is as it was when it was packed', () => {
    const input = { epoch: 3, weights: Float64Array.of(1, 2) };
    const packed = pack(['{input}'], input);
    input.epoch = 4;
    input.weights.fill(9);

    const files = filesOf(packed);

    expect(JSON.parse(files['input.json']!.toString())).toMatchObject({ epoch: 3 });
    expect(files['input-1.npy']!.subarray(-16)).toEqual(Buffer.from(Float64Array.of(1, 2).buffer));
  });

  it('is not written where the command does not name it', () => {
    const packed = pack(['{input.epoch}', '{input.weights}'], {
      epoch: 3,
      weights: Int8Array.of(1),
      big: new Int8Array(9),
    });

    expect(packed.argv('/e')).toEqual(['program', '3', '/e/input-1.npy']);
    expect(Object.keys(filesOf(packed))).toEqual(['input-1.npy']);
  });

  it.each([
    ['text', 'text'],
    ['', ''],
    [0.1, '0.1'],
    [NaN, 'NaN'],
    [false, 'false'],
    [null, 'null'],
    [[1, 'two'], '[1,"two"]'],
    [{ a: { b: undefined, c: 1 } }, '{"a":{"c":1}}'],
    [{ weights: Uint8Array.of(1) }, '{"weights":{"$npy":"/e/input-1.npy"}}'],
    [Uint8Array.of(1), '/e/input-1.npy'],
    [{ data: Uint8Array.of(1, 2), shape: [1, 2] }, '/e/input-1.npy'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ])('has the field %j as the text %s', (value, expected) => {
    expect(pack(['<{input.field.0}>'], { field: [value] }).argv('/e')[1]).toBe(`<${expected}>`);
  });

  it('writes views, shared memory, bytes and arrays of several dimensions as arrays', () => {
    const buffer = Uint8Array.of(1, 2, 3, 4).buffer;
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
    const files = filesOf(
      pack(
        ['{input}'],
        [
          new Uint16Array(buffer, 2, 1),
          shared,
          buffer,
          new DataView(buffer, 1, 2),
          Buffer.from('ab'),
          new Int32Array(0),
          { data: Int8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] },
        ],
      ),
    );
    const told = Object.values(files)
      .slice(1)
      .map((bytes) => {
        const { kind, shape, offset } = parseNpyHeader(bytes);
        return [kind, shape, [...bytes.subarray(offset)]];
      });

    expect(told).toEqual([
      ['Uint16Array', [1], [3, 4]],
      ['Uint8Array', [2], [7, 7]],
      ['Uint8Array', [4], [1, 2, 3, 4]],
      ['Uint8Array', [2], [2, 3]],
      ['Uint8Array', [2], [97, 98]],
      ['Int32Array', [0], []],
      ['Int8Array', [3, 2], [1, 2, 3, 4, 5, 6]],
    ]);
  });

  it('leaves { data, shape } as it is where the shape is not that of the data', () => {
    expect(jsonOf({ data: Int8Array.of(1, 2), shape: [3] })).toEqual({ data: { $npy: '/e/input-1.npy' }, shape: [3] });
  });

  it('says plain data as JSON does', () => {
    const input = {
      text: 'a "b" \u2028 ü \uD800',
      odd: [undefined, NaN, -Infinity, -0, 1e21],
      none: undefined,
      date: new Date(0),
      'key "x"': null,
    };

    expect(jsonOf(input)).toEqual(JSON.parse(JSON.stringify(input)));
    expect(jsonOf(undefined)).toBe(null);
    expect(jsonOf('text')).toBe('text');
  });

  it('says a Map as an object, and a Set as a list', () => {
    expect(jsonOf({ map: new Map([['a', 1]]), set: new Set([1, 2]) })).toEqual({ map: { a: 1 }, set: [1, 2] });
  });

  it('may hold the same object in several places', () => {
    const layer = { size: 3 };

    expect(jsonOf({ first: layer, rest: [layer] })).toEqual({ first: layer, rest: [layer] });
  });

  const cyclic: Record<string, unknown> = { name: 'net' };
  cyclic.layers = [{ parent: cyclic }];
  const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
  const throwing = {
    get weights(): never {
      throw new Error('not yet trained');
    },
  };
  const transferred = new Float32Array(4);
  structuredClone(transferred, { transfer: [transferred.buffer] });
  it.each([
    [{ net: { act: () => 1 } }, 'but input.net.act is a function.'],
    [() => 1, 'but input is a function.'],
    [{ 'my key': [Symbol('x')] }, 'but input["my key"][0] is a symbol.'],
    [{ seed: 12n }, 'but input.seed is a BigInt (12n): pass Number(x) or String(x).'],
    [{ net: cyclic }, 'but input.net.layers[0].parent contains itself (a cycle).'],
    [{ table: new Map([[1, 2]]) }, 'but input.table is a Map with the key 1, but the keys of JSON are strings.'],
    [{ weights: Promise.resolve() }, 'but input.weights is a promise: await it first.'],
    [{ deep }, 'but input is too deep or too large'],
    [throwing, 'not yet trained'],
    [{ weights: transferred }, 'but input.weights cannot be read'],
  ])('is rejected with the path of what JSON cannot say (%#)', (input, reason) => {
    const packing = () => pack(['{input}'], input);

    expect(packing).toThrow(`The input of "vs-random" must be plain data`);
    expect(packing).toThrow(reason);
    expect(packing).toThrow(expect.objectContaining({ kind: 'rejected', code: 'INPUT_NOT_CLONEABLE' }) as Error);
  });

  it.each([
    ['{input.weight}', { weights: 1 }, 'has no field "weight" for {input.weight}: did you mean "weights"?'],
    ['{input.a.zzz}', { a: { b: 1, c: 2 } }, 'has no field "zzz" for {input.a.zzz}: it has b, c.'],
    ['{input.a.b}', { a: 3 }, 'has no field "b" for {input.a.b}: 3 has no fields.'],
    ['{input.a}', undefined, 'has no field "a" for {input.a}: undefined has no fields.'],
    ['{input.a}', { a: undefined }, 'has no field "a" for {input.a}: its value is undefined.'],
    ['{input.constructor}', {}, 'has no field "constructor"'],
  ])('without the field of %s is rejected', (argument, input, reason) => {
    const packing = () => pack([argument], input);

    expect(packing).toThrow(reason);
    expect(packing).toThrow(expect.objectContaining({ kind: 'rejected', code: 'INPUT_FIELD_MISSING' }) as Error);
  });

  it.each([
    ['a\0b', '({input.a}) has a NUL character'],
    ['x'.repeat(130_000), '({input.a}) is 127 KB long, and an argument holds 120 KB'],
  ])('whose field no argument can hold is rejected', (a, reason) => {
    const packing = () => pack(['--a={input.a}'], { a });

    expect(packing).toThrow(reason);
    expect(packing).toThrow(expect.objectContaining({ kind: 'rejected', code: 'INPUT_FIELD_INVALID' }) as Error);
  });
});
