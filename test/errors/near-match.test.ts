import { expect, it } from 'vitest';
import { nearMatch } from '../../src/errors/index.ts';

const keys = ['name', 'clock', 'slidingWindow', 'failureRateThreshold', 'recordFailure', 'slowCallRateThreshold'];

it.each([
  ['Clock', 'clock'],
  ['clok', 'clock'],
  ['recordFailures', 'recordFailure'],
  ['slidingWindowSize', 'slidingWindow'],
  // It has 9 letters more, and `name` is nearer by letters.
  ['failureRate', 'failureRateThreshold'],
  ['slow', 'slowCallRateThreshold'],
  ['zebra', undefined],
  ['sl', undefined],
  ['', undefined],
])('takes %j for %j', (word, meant) => {
  expect(nearMatch(word, keys)).toBe(meant);
});

it('has nothing near where there is nothing', () => {
  expect(nearMatch('clock', [])).toBeUndefined();
});
