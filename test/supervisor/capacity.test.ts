import { describe, expect, it } from 'vitest';
import { boundedLimits, defaultTotalMemoryMb, fits, reservedMb } from '../../src/supervisor/capacity.ts';

const capacity = { maxProcesses: 2, totalMemoryMb: 1500 };

describe('what all evaluations may use together', () => {
  it.each([
    ['nothing runs', 1500, [], true],
    ['it fills what is left to the last MB', 500, [1000], true],
    ['it wants one MB more than is left', 501, [1000], false],
    ['every process there may be is there', 1, [1, 1], false],
    ['one process is left', 1, [1], true],
  ])('admits one more where %s: %d beside %j is %s', (_, wantedMb, inUseMb, admitted) => {
    expect(fits(wantedMb, inUseMb, capacity)).toBe(admitted);
  });

  it('sets aside the limit of an evaluation, a usual one where it has none, and never more than there is', () => {
    expect(reservedMb({ memoryMb: 300 }, capacity)).toBe(300);
    expect(reservedMb({}, capacity)).toBe(1000);
    expect(reservedMb({ memoryMb: 4000 }, capacity)).toBe(1500);
  });

  it('lowers a limit to the whole, and gives none to who has none', () => {
    expect(boundedLimits({ memoryMb: 4000, itemTimeMs: 5 }, capacity)).toEqual({ memoryMb: 1500, itemTimeMs: 5 });
    expect(boundedLimits({ memoryMb: 1500 }, capacity)).toEqual({ memoryMb: 1500 });
    expect(boundedLimits({ itemTimeMs: 5 }, capacity)).toEqual({ itemTimeMs: 5 });
  });

  it.each([
    ['half of what is free', 8 * 2 ** 30, undefined, 4096],
    ['half of the limit that this process is under', 8 * 2 ** 30, 2 * 2 ** 30, 1024],
    ['half of what is free, where the limit is no limit', 8 * 2 ** 30, 1.8e19, 4096],
    ['half of what is free, where the limit is told as 0', 8 * 2 ** 30, 0, 4096],
    ['enough for one small evaluation, however little is free', 2 ** 20, undefined, 256],
  ])('is by default %s', (_, freeBytes, constrainedBytes, totalMb) => {
    expect(defaultTotalMemoryMb(freeBytes, constrainedBytes)).toBe(totalMb);
  });
});
