import { expect, it } from 'vitest';
import { above } from '../../src/words/index.ts';

it.each([
  [416.4, 0, '416'],
  [400.6, 0, '401'],
  [400.4, 0, '400.4'],
  [400.04, 0, '400.04'],
  [400.04, 1, '400.04'],
  [416.44, 1, '416.4'],
  [400.000_000_1, 0, '400.0000001'],
  // Not above it: a control group's limit is met, not passed.
  [400, 0, '400'],
  [399.4, 0, '399'],
])('%d of 400 is told, with %i digits at least, as %s', (value, digits, told) => {
  expect(above(400, value, digits)).toBe(told);
});
