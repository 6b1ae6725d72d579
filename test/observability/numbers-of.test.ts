import { describe, expect, it } from 'vitest';
import { numbersOf } from '../../src/observability/numbers-of.ts';

describe('numbersOf', () => {
  it.each<[string, unknown, [string, number][]]>([
    ['a number', 0.5, [['value', 0.5]]],
    ['an object', { winRate: 0.5, note: 'well', draws: 0, loss: NaN }, [['winRate', 0.5], ['draws', 0], ['loss', NaN]]], // prettier-ignore
    ['an object with a prototype', Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }), [['own', 2]]], // prettier-ignore
    ['a list', [1, 2], []],
    ['an array of bytes', new Uint8Array(3), []],
    ['a text', '5', []],
    ['nothing', null, []],
  ])('of %s', (_, value, numbers) => {
    expect(numbersOf(value)).toEqual(numbers);
  });

  // A result of 100 000 numbers held the training up for seconds.
  it('looks at no more than a thousand fields', () => {
    const long: Record<string, unknown> = {};
    for (let index = 0; index < 999; index++) long[`text ${index}`] = 'x';
    long.thousandth = 1;
    Object.defineProperty(long, 'next', {
      enumerable: true,
      get: () => {
        throw new Error('must not be read');
      },
    });

    expect(numbersOf(long)).toEqual([['thousandth', 1]]);
  });
});
