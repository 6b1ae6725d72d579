import { describe, expect, it } from 'vitest';
import { processExecutor, type HardLimits } from '../../src/executors/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';

const limits: HardLimits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, memoryMb: 2000 };
const run = processExecutor(evaluator('hands-back'));

describe('arrays on their way to an evaluator', () => {
  it('are one array where they were one, and share memory where they did', async () => {
    const first = Float32Array.of(1, 2, 3);
    const memory = new Float64Array(8);
    const input = {
      does: 'look',
      first,
      again: first,
      left: memory.subarray(0, 4),
      right: memory.subarray(1, 5),
      empty: new Uint16Array(0),
    };

    const { result, error } = await execute(run, { input, limits });

    expect(error).toBeUndefined();
    expect(result).toEqual({ isOne: true, sharesMemory: true, empty: 0, sum: 6 });
    // What the evaluator writes to is its own.
    expect(memory[1]).toBe(0);
  });

  it('are of the moment of the request, however long they wait and however large they are', async () => {
    const waiting = processExecutor<unknown, { readonly weights: Float32Array }>(evaluator('echo'), { concurrency: 1 });
    const weights = new Float32Array(10 * 2 ** 18).fill(1);

    const results = [1, 2, 3].map(async (epoch) => {
      weights.fill(epoch);
      const { result } = await execute(waiting, { input: { weights }, limits });
      return new Set((result as { readonly weights: Float32Array }).weights);
    });

    expect(await Promise.all(results)).toEqual([new Set([1]), new Set([2]), new Set([3])]);
  });
});

describe('arrays on their way back', () => {
  it('come as they were, in a result', async () => {
    const { result } = await execute(run, { input: {}, limits });

    const { one, same, shared, view, none, nan } = result as Record<string, never> & {
      one: Int32Array;
      view: DataView;
    };
    expect(one).toEqual(Int32Array.of(1, 2, 3));
    expect(same).toBe(one);
    expect(shared).toEqual(Float32Array.of(1.5, 1.5));
    expect([view.byteLength, view.getFloat64(0)]).toEqual([8, Math.PI]);
    expect(none).toEqual(new BigUint64Array(0));
    expect(nan).toEqual(Float64Array.of(NaN, -0, Infinity));
  });

  it('come as they were, in what was learned before a violation', async () => {
    const input = { does: 'keep a part and spin' };
    const { error, telemetry } = await execute(run, { input, limits: { ...limits, evaluationTimeMs: 400 } });

    expect(error?.violation?.rule).toBe('evaluationTimeMs');
    expect(told(telemetry, 'partial')).toEqual([
      {
        type: 'partial',
        value: {
          part: Float64Array.of(10 / 7, 11 / 7, 12 / 7),
          nested: [new Map([['bytes', new Uint8Array([1, 2])]])],
        },
      },
    ]);
  });

  it('are refused above maxResultMb before they are copied: 400 MB take no second 400', async () => {
    const { error } = await execute(run, {
      input: { does: 'return much', megabytes: 400 },
      maxResultMb: 256,
      limits: { ...limits, memoryMb: 700 },
    });

    expect(error).toMatchObject({ kind: 'rejected', code: 'RESULT_TOO_LARGE' });
    expect(error?.message).toMatch(/400\.0 MB, the limit is 256 MB: return less, or raise maxResultMb/);
  });
});
