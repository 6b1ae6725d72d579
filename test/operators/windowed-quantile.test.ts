import { map, Subject } from 'rxjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowedQuantile, type WindowedQuantileOptions } from '../../src/operators/index.ts';
import { SortedWindow } from '../../src/operators/sorted-window.ts';
import { marbles } from '../../src/testing/index.ts';
import { unexpected } from './marbles.ts';

const values = { ...Object.fromEntries(Array.from('0123456789', (each) => [each, Number(each)])), n: null, x: NaN };
const p50 = map(({ p50 }: { p50: number }) => String(p50));

describe('windowedQuantile', () => {
  it.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['one', '-7-|', '-7-|'],
    ['many, of which the last three count', '-1-9-5-2-|', '-1-1-5-5-|'],
    ['what was not measured', '-1-n-x-9-|', '-1-----1-|'],
    ['the same value again', '-3-3-3-9-|', '-3-3-3-3-|'],
    ['an error of the source', '-7-#', '-7-#'],
  ])('takes %s', (_, given, expected) => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold(given, values).pipe(windowedQuantile({ size: 3 }), p50)).toBe(expected);
    });
  });

  it('forgets what is older than its window, and not what is as old', () => {
    marbles(({ cold, scheduler, expectObservable }) => {
      const quantiles$ = cold('-1-9-8-|', values).pipe(windowedQuantile({ size: 9, windowMs: 2, scheduler }), p50);
      expectObservable(quantiles$).toBe('-1-1-8-|');
    });
  });

  it('gives the quantiles that are asked for by their names', () => {
    marbles(({ cold, expectObservable }) => {
      const quantiles$ = cold('(123456789|)', values).pipe(
        windowedQuantile({ size: 100, quantiles: { least: 0.1, most: 1 } }),
      );
      const last = map(({ least, most, count }: { least: number; most: number; count: number }) => least * 100 + most * 10 + count); // prettier-ignore
      expectObservable(quantiles$.pipe(last)).toBe('(abcdefghi|)', { a: 111, b: 122, c: 133, d: 144, e: 155, f: 166, g: 177, h: 188, i: 199 }); // prettier-ignore
    });
  });

  it.each([
    [0.07, 7],
    [0.14, 14],
    [0.55, 55],
    [0.551, 56],
    [1e-12, 1],
  ])('takes the share %s of 1 to 100 to be %s, whatever their product is in floating point', (share, quantile) => {
    const window = new SortedWindow(100);
    for (let value = 1; value <= 100; value++) window.add(value, 0);

    expect(window.quantile(share)).toBe(quantile);
  });

  it('leaves its source when its subscriber leaves, and schedules nothing', () => {
    marbles(({ hot, scheduler, expectObservable, expectSubscriptions }) => {
      const values$ = hot('-1-2-3-', values);
      expectObservable(values$.pipe(windowedQuantile({ size: 9, windowMs: 5, scheduler }), p50), '^--!').toBe('-1--');
      expectSubscriptions(values$).toBe('^--!');
    });
  });

  it('counts what comes in the middle of being told', () => {
    const values$ = new Subject<number>();
    const counts: number[] = [];
    values$.pipe(windowedQuantile({ size: 9 })).subscribe({
      next: ({ count }) => {
        counts.push(count);
        if (counts.length < 3) values$.next(5);
      },
      error: unexpected,
    });

    values$.next(5);

    expect(counts).toEqual([1, 2, 3]);
  });

  it('has the nearest rank of the last values, whatever comes', () => {
    const aValue = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(fc.array(aValue, { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (all, size) => {
        const window = new SortedWindow(size);
        for (const [index, value] of all.entries()) {
          window.add(value, index);
          const sorted = all.slice(Math.max(0, index + 1 - size), index + 1).sort((a, b) => a - b);
          expect(window.count).toBe(sorted.length);
          for (const share of [0.01, 0.5, 0.99, 1])
            expect(window.quantile(share) === sorted[Math.ceil(share * sorted.length) - 1]).toBe(true);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it.each([
    [{ size: 0 }, 'a whole number of values from 1 to 1 000 000'],
    [{}, 'a whole number of values'],
    [{ size: 3, quantiles: { p0: 0 } }, 'a share above 0 and up to 1'],
    [{ size: 3, windowMs: 0 }, 'a number of milliseconds above 0'],
    [{ size: 3, quantiles: { count: 0.5 } }, 'give it another name'],
    [{ sizes: 3 }, 'unknown key "sizes": did you mean "size"?'],
  ])('refuses %j', (options, sentence) => {
    expect(() => windowedQuantile(options as unknown as WindowedQuantileOptions)).toThrow(sentence);
  });
});
