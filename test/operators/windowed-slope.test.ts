import { map, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import { windowedSlope, type Slope, type WindowedSlopeOptions } from '../../src/operators/index.ts';
import { marbles, VirtualClock } from '../../src/testing/index.ts';
import { unexpected } from './marbles.ts';

const values = { ...Object.fromEntries(Array.from('0123456789', (each) => [each, Number(each)])), n: null, x: NaN };
const perSecond = map(({ perSecond }: Slope) => Math.round(perSecond));

describe('windowedSlope over 4 ms', () => {
  it.each<[string, string, string, Record<string, number>]>([
    ['never', '-', '-', {}],
    ['empty', '--|', '--|', {}],
    ['one', '-3-|', '---|', {}],
    ['many, once the window is full', '0-2-4-6-|', '----a-a-|', { a: 1000 }],
    ['what stays', '3-3-3-|', '----a-|', { a: 0 }],
    ['what falls', '6-4-2-|', '----a-|', { a: -1000 }],
    ['what was not measured', '0-n-4-x-6-|', '----a---b-|', { a: 1000, b: 500 }],
    // Of what came after the silence alone it would be the slope of 1 ms.
    ['a silence, and then too little of the window', '0-2-4-6-nnnnnnnn12345|', '----a-a-----------aaa|', { a: 1000 }],
    ['a window that is not quite full', '0--3-|', '-----|', {}],
    ['an error of the source', '0-2-4-#', '----a-#', { a: 1000 }],
  ])('takes %s', (_, given, expected, slopes) => {
    marbles(({ cold, scheduler, expectObservable }) => {
      const slopes$ = cold(given, values).pipe(windowedSlope({ windowMs: 4, scheduler }), perSecond);
      expectObservable(slopes$).toBe(expected, slopes);
    });
  });

  it('is little moved by one outlier', () => {
    marbles(({ cold, scheduler, expectObservable }) => {
      const slopes$ = cold('1119111111|', values).pipe(windowedSlope({ windowMs: 9, scheduler }), perSecond);
      expectObservable(slopes$).toBe('---------a|', { a: -145 });
    });
  });

  it('leaves its source when its subscriber leaves, and schedules nothing', () => {
    marbles(({ hot, scheduler, expectObservable, expectSubscriptions }) => {
      const values$ = hot('0-2-4-6-', values);
      expectObservable(values$.pipe(windowedSlope({ windowMs: 4, scheduler }), perSecond), '^----!').toBe('----a', {
        a: 1000,
      });
      expectSubscriptions(values$).toBe('^----!');
    });
  });

  it('counts what comes in the middle of being told', async () => {
    const clock = new VirtualClock();
    const values$ = new Subject<number>();
    const counts: number[] = [];
    values$.pipe(windowedSlope({ windowMs: 4, scheduler: schedulerOf(clock) })).subscribe({
      next: ({ count }) => {
        counts.push(count);
        if (counts.length < 3) values$.next(5);
      },
      error: unexpected,
    });

    values$.next(1);
    await clock.advance(4);
    values$.next(5);

    expect(counts).toEqual([2, 3, 4]);
  });

  it('finds the slope of the last hour after a month of noise, from a bounded number of sums', async () => {
    const clock = new VirtualClock();
    const values$ = new Subject<number>();
    let last: Slope | undefined;
    const slope = windowedSlope({ windowMs: 3_600_000, scheduler: schedulerOf(clock) });
    values$.pipe(slope).subscribe({ next: (told) => (last = told), error: unexpected });
    values$.next(1000);
    await clock.advance(30 * 24 * 3_600_000);

    for (let second = 0; second <= 3_600; second += 10) {
      values$.next(1000 + second * 0.01 + (second % 20 === 0 ? 5 : -5));
      await clock.advance(10_000);
    }

    expect(last?.perSecond).toBeCloseTo(0.01, 4);
    expect(last?.count).toBeLessThanOrEqual(361);
  });

  it.each([
    [{ windowMs: 0 }, 'a number of milliseconds above 0'],
    [{ windowMs: '1m' }, 'a number of milliseconds above 0'],
    [{ window: 4 }, 'unknown key "window": did you mean "windowMs"?'],
  ])('refuses %j', (options, sentence) => {
    expect(() => windowedSlope(options as unknown as WindowedSlopeOptions)).toThrow(sentence);
  });
});
