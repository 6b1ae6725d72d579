import { describe, expect, it } from 'vitest';
import { recordedEvaluations, samplingOf, suggestLimits } from '../../src/replay/index.ts';
import type { FakeScript } from '../../src/testing/fake-script.ts';
import { recordOf, type RecordPlan } from './records.ts';

const recorded = async (plan: RecordPlan) => [...recordedEvaluations(await recordOf(plan)).values()];
/** The evaluation of epoch n runs n ms and holds 100 + n MB. */
const growing = ({ input }: { readonly input: unknown }): FakeScript => {
  const { epoch } = input as { readonly epoch: number };
  return [
    { atMs: 0, sample: 100 + epoch },
    { atMs: epoch, result: 1 },
  ];
};

describe('suggestLimits', () => {
  it('suggests the 99th percentile by nearest rank, times 1.5, rounded up to two digits', async () => {
    const [suggestion] = suggestLimits(await recorded({ epochs: 200, epochMs: 1000, script: growing }));

    expect(suggestion).toEqual({
      evaluation: 'vs',
      completed: 200,
      notCompleted: 0,
      limits: [
        { rule: 'evaluationTimeMs', unit: 'ms', measured: 200, p99: 198, largest: 200, limit: 300 },
        { rule: 'memoryMb', unit: 'MB', measured: 200, p99: 298, largest: 300, limit: 450 },
      ],
    });
  });

  it.each([
    [20, { measured: 20, p99: 20, largest: 20, limit: 30 }],
    [19, { measured: 19, p99: null, largest: null, limit: null }],
  ])('of %d evaluations', async (epochs, expected) => {
    const [suggestion] = suggestLimits(await recorded({ epochs, epochMs: 1000, script: growing }));

    expect(suggestion?.limits[0]).toMatchObject(expected);
  });

  it('rests on what completed and was measured, and counts the rest', async () => {
    const script = ({ input }: { readonly input: unknown }): FakeScript => {
      const { epoch } = input as { readonly epoch: number };
      if (epoch % 5 === 0) return [{ atMs: 10, crash: 'no' }];
      return [
        { atMs: 0, sample: epoch % 2 === 0 ? 100 : null },
        { atMs: 50, result: 1 },
      ];
    };

    const [suggestion] = suggestLimits(await recorded({ epochs: 40, script, evaluation: { breaker: false } }));

    expect(suggestion).toMatchObject({
      completed: 32,
      notCompleted: 8,
      limits: [
        { rule: 'evaluationTimeMs', measured: 32, limit: 75 },
        { rule: 'memoryMb', measured: 16, limit: null },
      ],
    });
  });
});

describe('samplingOf', () => {
  it('tells how far apart the samples of each evaluation lie, and what was never measured', async () => {
    const script: FakeScript = [
      { atMs: 0, sample: null, item: 'a' },
      { atMs: 100, sample: null },
      { atMs: 200, sample: null, item: 1 },
      { atMs: 900, sample: null },
      { atMs: 1000, result: 1 },
    ];

    expect(samplingOf(await recorded({ epochs: 2, script }))).toEqual({
      samples: 8,
      medianGapMs: 100,
      largestGapMs: 700,
      withoutMemory: 2,
      withItems: 2,
      began: 2,
    });
    expect(samplingOf(await recorded({ script: growing }))).toMatchObject({
      samples: 1,
      medianGapMs: null,
      largestGapMs: null,
      withoutMemory: 0,
      withItems: 0,
    });
  });
});
