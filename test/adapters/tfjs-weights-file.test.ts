import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packWeights, readWeights, writeWeights, type Weights } from '../../src/adapters/tfjs.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'pitwall-test-'));

const weights: Weights = [
  { name: 'first/kernel', shape: [2, 2], values: Float32Array.of(1, -0.5, NaN, 3e38) },
  { name: '7', shape: [3], values: Uint8Array.of(1, 0, 1) }, // an odd number of bytes, and a name that objects put first
  { name: 'größe/ids', shape: [2], values: Int32Array.of(-1, 2 ** 31 - 1) },
  { name: 'scale', shape: [], values: Float32Array.of(0.25) },
  { name: 'none', shape: [0, 3], values: new Float32Array(0) },
];

describe('a file of weights', () => {
  it('gives back what was written, in the same order', async () => {
    const path = join(folder(), 'on/the/way', 'weights.safetensors');
    await writeWeights(path, weights);
    expect(await readWeights(path)).toEqual(weights);
  });

  it('is of the format safetensors', async () => {
    const path = join(folder(), 'weights.safetensors');
    await writeWeights(path, [{ name: 'a/kernel', shape: [1, 2], values: Float32Array.of(1, 2) }]);

    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + length))).toEqual({
      'a/kernel': { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
    });
    expect([bytes.readFloatLE(8 + length), bytes.readFloatLE(12 + length), bytes.length]).toEqual([1, 2, 16 + length]);
  });

  it('can be written by others', async () => {
    const path = join(folder(), 'weights');
    writeFileSync(path, packWeights(weights));
    expect(await readWeights(path)).toEqual(weights);
  });

  it('takes the part of a larger array that a weight is', async () => {
    const path = join(folder(), 'weights');
    const values = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeWeights(path, [{ name: 'part', shape: [2], values }]);
    expect((await readWeights(path))[0]?.values).toEqual(Float32Array.of(2, 3));
  });

  it('replaces the one before, and nothing else is left in the folder', async () => {
    const where = folder();
    const path = join(where, 'weights');
    await writeWeights(path, weights);
    await writeWeights(path, weights.slice(3));
    expect(await readWeights(path)).toEqual(weights.slice(3));

    await expect(writeWeights(path, [weights[0]!, weights[0]!])).rejects.toThrow(
      'A file of weights holds each under its own name, but "first/kernel" came twice.',
    );
    expect(await readWeights(path)).toEqual(weights.slice(3));
    expect(readdirSync(where)).toEqual(['weights']);
  });

  it('that is none is refused in one sentence', async () => {
    const path = join(folder(), 'weights');
    await writeWeights(path, weights);
    const whole = readFileSync(path);
    const faults: readonly [Uint8Array, RegExp][] = [
      [Buffer.from('{}'), /readWeights\(".*"\) must get a file that writeWeights wrote, but could not read it/],
      [whole.subarray(0, 40), /could not read it/],
      [whole.subarray(0, whole.length - 1), /"scale" ends after \d+ bytes, and there are \d+/],
      [Buffer.from(whole.toString('latin1').replace('"F32"', '"F64"'), 'latin1'), /is of the type F64/],
    ];
    for (const [bytes, sentence] of faults) {
      writeFileSync(path, bytes);
      const reading = readWeights(path);
      await expect(reading).rejects.toThrow(sentence);
      await expect(reading).rejects.toMatchObject({ code: 'WEIGHTS_UNREADABLE' });
    }
    await expect(readWeights(join(folder(), 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
