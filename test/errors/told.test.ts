import { NEVER } from 'rxjs';
import { expect, it } from 'vitest';
import { told } from '../../src/errors/index.ts';

it.each([
  [null, 'null'],
  [undefined, 'undefined'],
  ['30m', '"30m"'],
  [NaN, 'NaN'],
  [() => 1, 'a function'],
  [[1, 2], 'an array of 2'],
  [{}, 'an object'],
  [Object.create(null), 'an object'],
  [new Map(), 'a Map'],
  [NEVER, 'an Observable'],
  [new Error('broken'), 'an Error'],
])('says %s as %s', (value, sentence) => {
  expect(told(value)).toBe(sentence);
});
