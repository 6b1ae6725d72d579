import { describe, expect, it } from 'vitest';
import { unknownGpuShare, type GpuShare } from '../../src/probes/index.ts';
import { GpuMisses } from '../../src/supervisor/gpu-misses.ts';
import type { Readings } from '../../src/supervisor/readings.ts';

const failing = { missing: undefined, isAwaited: false, readAtMs: undefined, why: 'nvidia-smi: it failed' };
const awaited = { ...failing, isAwaited: true, why: 'it has not been asked yet' };
const telling = { ...failing, readAtMs: 1 };
const none = { ...failing, missing: 'there is no card' };
const known: GpuShare = { utilizationPercent: 0, memoryMb: 0, busiestPercent: 0 };

function missed(looks: readonly (readonly [Readings['probe'], GpuShare])[]): string[] {
  const probe = { ...failing };
  const misses = new GpuMisses(probe);
  for (const [standing, share] of looks) {
    Object.assign(probe, standing);
    misses.note(share);
  }
  return misses.unmeasured.map(({ rule, why }) => `${rule}: ${why}`);
}

const whole = 'what the driver tells is not of the evaluation’s own processes';

describe('what was not known of the GPU', () => {
  it.each<[string, readonly (readonly [Readings['probe'], GpuShare])[], string[]]>([
    ['nothing, where nobody was asked', [], []],
    ['nothing, before the first answer', [[awaited, unknownGpuShare]], []],
    [
      'nothing, where it was known for most of the time',
      [
        [failing, unknownGpuShare],
        [telling, known],
        [telling, known],
        [failing, unknownGpuShare],
      ],
      [],
    ],
    [
      'its memory, where it was known only before it had any',
      [
        [telling, known],
        [telling, { ...known, memoryMb: null }],
        [telling, { ...known, memoryMb: null }],
      ],
      ['gpuMemoryMb: the driver does not tell it'],
    ],
    ['nothing that was told at the start', [[none, unknownGpuShare]], []],
    [
      'both, and why',
      [[failing, unknownGpuShare]],
      ['gpuUtilizationPercent: nvidia-smi: it failed', 'gpuMemoryMb: nvidia-smi: it failed'],
    ],
    [
      'both, where only the whole device is known',
      [[telling, { ...unknownGpuShare, busiestPercent: 90 }]],
      [`gpuUtilizationPercent: ${whole}`, `gpuMemoryMb: ${whole}`],
    ],
    ['its memory alone', [[telling, { ...known, memoryMb: null }]], ['gpuMemoryMb: the driver does not tell it']],
  ])('is %s', (_, looks, expected) => {
    expect(missed(looks)).toEqual(expected);
  });
});
