import { describe, expect, it } from 'vitest';
import { repeatableChance } from '../../src/trainer/repeatable-chance.ts';

const numbers = (seed?: string): readonly number[] => {
  const next = repeatableChance(seed);
  return Array.from({ length: 1_000 }, () => next());
};

describe('repeatable chance', () => {
  it('gives the same numbers for the same text, and others for another', () => {
    expect(numbers('run-1')).toEqual(numbers('run-1'));
    expect(numbers('run-1').filter((number, at) => number === numbers('run-2')[at])).toEqual([]);
  });

  it.each(['', 'run-1', 'x'.repeat(10_000)])('gives numbers from 0 on and below 1, evenly: "%.8s"', (seed) => {
    const given = numbers(seed);
    expect(Math.min(...given)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...given)).toBeLessThan(1);
    expect(given.reduce((sum, number) => sum + number, 0) / given.length).toBeCloseTo(0.5, 1);
  });
});
