import { describe, expect, it } from 'vitest';
import { packed } from '../../src/evaluator/packed-answer.ts';

const limits = { name: 'vs-random', maxResultMb: 1 };
const megabyte = 2 ** 20;

describe('a packed answer', () => {
  it('shows the memory of the answer itself: nothing is copied', () => {
    const weights = new Uint8Array(1000);
    const answer = packed({ winRate: 0.5, weights }, 'result', limits);

    expect(answer.chunks.some((chunk) => chunk.buffer === weights.buffer)).toBe(true);
  });

  it('may be as large as the limit and no larger', () => {
    const around = packed(new Uint8Array(8), 'result', limits).bytes - 8;

    expect(packed(new Uint8Array(megabyte - around), 'result', limits).bytes).toBe(megabyte);
    expect(() => packed(new Uint8Array(megabyte - around + 1), 'result', limits)).toThrow(
      expect.objectContaining({
        code: 'RESULT_TOO_LARGE',
        message: 'The result of "vs-random" is 1.0 MB, the limit is 1 MB: return less, or raise maxResultMb.',
      }),
    );
  });

  it.each([
    ['an array', new Uint8Array(400 * megabyte)],
    ['a buffer', new ArrayBuffer(400 * megabyte)],
    ['shared memory', new SharedArrayBuffer(400 * megabyte)],
  ])('of %s of 400 MB is refused without being touched', (_, value) => {
    const before = process.memoryUsage().rss;

    expect(() => packed({ value }, 'partial result', limits)).toThrow(/partial result of "vs-random" is 400.0 MB/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * megabyte);
  });

  it('must be plain data', () => {
    expect(() => packed({ play: () => 1 }, 'result', limits)).toThrow(
      expect.objectContaining({
        code: 'RESULT_NOT_CLONEABLE',
        message: expect.stringMatching(/The result of "vs-random" must be plain data.*could not be cloned/) as string,
      }),
    );
  });
});
