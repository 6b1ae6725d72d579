import { describe, expect, it } from 'vitest';
import { hasFigures, type GpuAnswer, type GpuSource } from '../../src/supervisor/gpu-told.ts';
import { GpuTurns } from '../../src/supervisor/gpu-turns.ts';

const reading = { devices: [{ index: 0, utilizationPercent: 5, memoryUsedMb: null }], processes: null };

/** A source that gives these answers, one a question, and counts. */
function source(everyMs: number, answers: readonly (GpuAnswer | 'figures')[]) {
  const asked = { count: 0 };
  const ask: GpuSource['ask'] = () => {
    const answer = answers[asked.count++] ?? { why: 'no more' };
    return Promise.resolve(answer === 'figures' ? { reading } : answer);
  };
  return { everyMs, ask, asked };
}

async function gapsOf(turns: GpuTurns, count: number): Promise<readonly number[]> {
  const gaps: number[] = [];
  while (gaps.length < count) gaps.push((await turns.next()).againInMs);
  return gaps;
}

describe('whose turn it is to be asked about GPUs', () => {
  it('is the first that has figures, as often as it likes', async () => {
    const [first, second] = [source(1_000, [{ why: 'has no files' }, 'figures']), source(5_000, ['figures'])];
    const turns = new GpuTurns([first, second]);

    expect(await turns.next()).toEqual({ reading, againInMs: 5_000 });
    expect(await turns.next()).toEqual({ reading, againInMs: 1_000 });
    expect(second.asked.count).toBe(1);
  });

  it('comes more and more seldom where nobody has any, down to once a minute, and says why', async () => {
    const turns = new GpuTurns([source(1_000, []), source(5_000, [{ why: 'nothing is told of its use' }])]);

    expect(await turns.next()).toEqual({ why: 'nothing is told of its use', againInMs: 2_000 });
    expect(await gapsOf(turns, 6)).toEqual([4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('comes often again as soon as there are figures', async () => {
    const turns = new GpuTurns([source(1_000, [{ why: '1' }, { why: '2' }, 'figures', { why: '4' }])]);

    expect(await gapsOf(turns, 4)).toEqual([2_000, 4_000, 1_000, 2_000]);
  });

  it('is nobody’s where there is nobody', async () => {
    expect(await new GpuTurns([]).next()).toEqual({ why: 'there is nobody to ask', againInMs: 2_000 });
  });
});

describe('a reading has figures', () => {
  it.each([
    ['none', [], false],
    ['only unknown ones', [{ index: 0, utilizationPercent: null, memoryUsedMb: null }], false],
    ['a use of 0', [{ index: 0, utilizationPercent: 0, memoryUsedMb: null }], true],
    ['memory alone', [{ index: 0, utilizationPercent: null, memoryUsedMb: 3 }], true],
  ])('%s', (_, devices, has) => {
    expect(hasFigures({ devices, processes: null })).toBe(has);
  });

  it('where those of a process are told, though none of the device is', () => {
    const process = { pid: 7, index: 0, utilizationPercent: null, memoryMb: 300 };

    expect(hasFigures({ devices: [], processes: [process] })).toBe(true);
    expect(hasFigures({ devices: [], processes: [{ ...process, memoryMb: null }] })).toBe(false);
  });
});
