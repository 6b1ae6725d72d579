import { describe, expect, it } from 'vitest';
import { threadExecutor } from '../../src/executors/index.ts';
import { threadInput } from '../../src/executors/thread-input.ts';
import { unpackValue } from '../../src/wire/index.ts';

const url = new URL('./evaluate.js', import.meta.url);

describe('the options of a thread executor', () => {
  it.each([
    [{ concurency: 2 }, /The options of threadExecutor have an unknown key "concurency": did you mean "concurrency"\?/],
    [{ warm: true }, /unknown key "warm": known are concurrency/],
    [{ concurrency: 0 }, /"concurrency" must be a whole number from 1 on: how many run at once, but 0 came/],
    [{ concurrency: 1.5 }, /"concurrency" must be a whole number from 1 on.*but 1\.5 came/],
    [{ concurrency: '2' }, /"concurrency" must be a whole number from 1 on.*but "2" came/],
  ])('%o is one clear sentence', (options, message) => {
    expect(() => threadExecutor(url, options as never)).toThrow(message);
  });

  it.each([
    ['https://models.example/evaluate.js', /must be named by a file: URL.*https:\/\/models\.example/],
    ['./evaluate.js', /must be named by a file: URL.*"\.\/evaluate\.js" came/],
    [undefined, /must be named by a file: URL.*undefined came/],
  ])('the URL %s throws at construction', (wrong, message) => {
    expect(() => threadExecutor(wrong!)).toThrow(message);
  });
});

describe('the input of a thread', () => {
  it('is a copy, taken now', () => {
    const weights = Float32Array.of(1, 2, 3);
    const input = threadInput({ weights: weights.subarray(1) }, 'vs-random');
    weights.fill(0);

    expect('bytes' in input && unpackValue(new Uint8Array(input.bytes))).toEqual({ weights: Float32Array.of(2, 3) });
  });

  it('with a function is a clear error', () => {
    const input = threadInput({ model: () => 1 }, 'vs-random');

    expect('error' in input && input.error).toMatchObject({ kind: 'rejected', code: 'INPUT_NOT_CLONEABLE' });
    expect('error' in input && input.error.message).toMatch(/input of "vs-random" must be plain data/);
  });
});
