import { expect, it } from 'vitest';
import { besideCount } from '../../../src/cli/doctor/speed.ts';

it.each([
  ['one on each core', 2, 400, 2],
  ['fewer where there is less memory', 2, 399, 1],
  ['as many as there is memory for', 64, 2_000, 10],
  ['one at least', 4, 100, 1],
])('stands beside the training: %s', (_, cores, totalMemoryMb, expected) => {
  expect(besideCount(cores, totalMemoryMb, 200)).toBe(expected);
});
