import { describe, expect, it } from 'vitest';
import { spread, thinned } from '../../src/report/thinned.ts';

describe('thinned', () => {
  it('picks everything where there is no more than may be', () => {
    expect(thinned([3, null, 1], 3)).toEqual([0, 1, 2]);
    expect(thinned([], 3)).toEqual([]);
  });

  it('loses no peak, and keeps the first and the last', () => {
    const values = Array.from({ length: 10_001 }, (_, place) => (place === 5003 ? 100 : place === 7777 ? -100 : 1));

    const places = thinned(values, 100);

    expect(places.length).toBeLessThanOrEqual(100);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    for (const place of [0, 5003, 7777, 10_000]) expect(places).toContain(place);
  });

  it('picks a gap only where a stretch has nothing else', () => {
    const gap = Array.from({ length: 20 }, (_, place) => (place >= 10 ? null : place));

    const places = thinned(gap, 10);

    expect(places.filter((place) => place < 10).length).toBeGreaterThan(1);
    expect(places.some((place) => gap[place] === null)).toBe(true);
    expect(thinned([null, 5, null, null, 7, null, 1], 6)).toContain(4);
  });
});

describe('spread', () => {
  it.each([
    [3, [0, 5, 9]],
    [1, [0]],
    [0, []],
    [10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('picks %i of ten evenly, with both ends', (most, picked) => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], most)).toEqual(picked);
  });
});
