import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../src/report/figures-of.ts';

describe('figuresOf', () => {
  it.each([
    ['a number', 0.5, [{ name: 'value', value: 0.5 }]],
    [
      'an object',
      { loss: 1, name: 'x', unknown: null },
      [
        { name: 'loss', value: 1 },
        { name: 'unknown', value: null },
      ],
    ],
    ['an object in it', { train: { loss: 1 } }, [{ name: 'train.loss', value: 1 }]],
    [
      'an estimate',
      { elo: 12, low: -5, high: 29, games: 90 },
      [
        { name: 'elo', value: 12, low: -5, high: 29 },
        { name: 'games', value: 90 },
      ],
    ],
    [
      'an estimate by its name',
      { elo: { elo: 12, low: -5, high: 29 } },
      [{ name: 'elo', value: 12, low: -5, high: 29 }],
    ],
    [
      'a value between',
      { score: { value: 0.5, low: 0.4, high: 0.6 } },
      [{ name: 'score', value: 0.5, low: 0.4, high: 0.6 }],
    ],
    ['an open side', { elo: 700, low: 300, high: null }, [{ name: 'elo', value: 700, low: 300, high: null }]],
    [
      'ends of nothing',
      { low: 1, high: 2 },
      [
        { name: 'low', value: 1 },
        { name: 'high', value: 2 },
      ],
    ],
    ['an array', [1, 2], []],
    ['what the journal writes for one', { weights: { $array: 'Float32Array', length: 3, sha256: '' } }, []],
    ['nothing', undefined, []],
    ['a text', 'ready', []],
  ])('of %s', (_, told, figures) => {
    expect(figuresOf(told)).toEqual(figures);
  });

  it('keeps a name that an object has of itself', () => {
    expect(figuresOf(JSON.parse('{"__proto__":1}'))).toEqual([{ name: '__proto__', value: 1 }]);
  });

  it('is bounded', () => {
    expect(figuresOf(Object.fromEntries(Array.from({ length: 500 }, (_, key) => [`m${key}`, key])))).toHaveLength(40);
  });
});
