import { describe, expect, it } from 'vitest';
import { ProcessorAccount, type ProcessTimes } from '../../src/probes/processor-account.ts';

/** Processes by their pids: their parent, what they have used themselves, and of which children they have taken it over. */
type Look = Record<number, readonly [parent: number, ownMs: number, waitedMs?: number, bornTicks?: number]>;

function totals(looks: readonly Look[]): (number | null)[] {
  const account = new ProcessorAccount();
  return looks.map((look) =>
    account.look(
      new Map(
        Object.entries(look).map(([pid, [parent, ownMs, waitedMs = 0, bornTicks = 0]]): [number, ProcessTimes] => [
          Number(pid),
          { parent, ownMs, waitedMs, bornTicks },
        ]),
      ),
    ),
  );
}

describe('the processor time of processes that come and go', () => {
  it.each<[string, readonly Look[], readonly (number | null)[]]>([
    ['is unknown while none was seen', [{}, { 10: [1, 5] }, {}], [null, 5, 5]],
    [
      'is the sum of all that live',
      [
        { 10: [1, 5], 11: [10, 7] },
        { 10: [1, 6], 11: [10, 9] },
      ],
      [12, 15],
    ],
    [
      'keeps a child for which nobody waits',
      [{ 10: [1, 5], 11: [10, 70] }, { 10: [1, 5] }, { 10: [1, 9] }],
      [75, 75, 79],
    ],
    [
      'goes on with the next of them',
      [
        { 10: [1, 5], 11: [10, 70] },
        { 10: [1, 5], 12: [10, 20] },
        { 10: [1, 5], 12: [10, 60] },
      ],
      [75, 95, 135],
    ],
    [
      'counts a child that is waited for once, and its last',
      [{ 10: [1, 5], 11: [10, 70] }, { 10: [1, 5, 80] }],
      [75, 85],
    ],
    [
      'counts it once also where its parent has waited for it a moment later',
      [{ 10: [1, 5], 11: [10, 70] }, { 10: [1, 5] }, { 10: [1, 5, 80] }],
      [75, 75, 85],
    ],
    [
      'does not take what nobody waited for long ago off another child',
      [{ 10: [1, 0], 11: [10, 70] }, { 10: [1, 0] }, { 10: [1, 0] }, { 10: [1, 0, 30] }],
      [70, 70, 70, 100],
    ],
    ['counts what was never seen and is waited for', [{ 10: [1, 5] }, { 10: [1, 5, 40] }], [5, 45]],
    [
      'counts a grandchild once where both are gone at once',
      [{ 10: [1, 5], 11: [10, 20], 12: [11, 30] }, { 10: [1, 5, 60] }],
      [55, 65],
    ],
    [
      'keeps an orphan that its parent has left behind',
      [{ 10: [1, 5], 11: [10, 20], 12: [11, 30] }, { 10: [1, 5, 20], 12: [1, 40] }, { 10: [1, 5, 20] }],
      [55, 65, 65],
    ],
    ['takes an old number for a new process', [{ 10: [1, 50] }, { 10: [1, 10, 0, 7] }], [50, 60]],
  ])('%s', (_, looks, expected) => {
    expect(totals(looks)).toEqual(expected);
  });
});
