import { describe, expect, it } from 'vitest';
import { memoryGrowth } from '../../src/sla/index.ts';
import { marbles } from '../../src/testing/index.ts';

/** In a window of 4 ms, 1 MB in 2 ms is 30 000 MB a minute. */
const growth = memoryGrowth(20_000, { windowMs: 4 });

describe('memoryGrowth', () => {
  it.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['one', '9-|', '--|'],
    ['a leak, once the window is full', '1-2-3-4-5-|', '----v-----|'],
    ['what stays high', '9-9-9-9-|', '--------|'],
    ['what is given back', '9-7-5-3-|', '--------|'],
    ['a step up, which is over', '1-1-1-9-9-9-9-9-9-|', '------v-----------|'],
    ['two leaks, told each', '1-2-3-3-3-3-4-5-6-|', '----v---------v---|'],
    ['what was not measured', '1-n-3-n-5-|', '----v-----|'],
    ['an error of the source', '1-2-3-#', '----v-#'],
  ])('takes %s', (_, told, expected) => {
    marbles(({ samples, expectViolations }) => {
      expectViolations(growth, { samples$: samples(told) }).toBe(expected, {
        v: { rule: 'memoryGrowthMbPerMinute', unit: 'MB/min', limit: 20_000 },
      });
    });
  });

  it('says how fast, how long, and how much it is now', () => {
    marbles(({ samples, expectViolations }) => {
      const guarded = { name: 'vs-random', samples$: samples('1 29999ms 2 29999ms 3|') };
      const message =
        'The memory of "vs-random" has grown by 2 MB a minute over 60000 ms, to 3 MB, and the limit is 1 MB a minute (memoryGrowthMbPerMinute): it may leak';
      expectViolations(memoryGrowth(1, { action: 'warn' }), guarded).toBe('60s w|', { w: { message } });
    });
  });

  it('leaves the samples when its subscriber leaves', () => {
    marbles(({ samples, expectViolations, expectSubscriptions }) => {
      const samples$ = samples('1-2-3');
      expectViolations(growth, { samples$ }, '^--!').toBe('-');
      expectSubscriptions(samples$).toBe('^--!');
    });
  });

  it.each([
    [() => memoryGrowth(0), 'memoryGrowth takes a limit in MB a minute'],
    [
      () => memoryGrowth(1, { windowMs: NaN }),
      '"windowMs" must be milliseconds, a finite number above 0, but NaN came',
    ],
    [() => memoryGrowth(1, { window: 1 } as never), 'have an unknown key "window": did you mean "windowMs"?'],
  ])('refuses what is no limit', (wrong, sentence) => {
    expect(wrong).toThrow(sentence);
  });
});
