import { describe, expect, it } from 'vitest';
import { metricInRange, type MetricInRangeOptions } from '../../src/sla/index.ts';
import { marbles } from '../../src/testing/index.ts';

/** The end of an epoch with this loss; n: NaN, x: without one. */
const ends = Object.fromEntries(
  Array.from('0123456789nx').map((marble, index) => {
    const loss = marble === 'n' ? NaN : Number(marble);
    return [marble, { epoch: index + 1, metrics: marble === 'x' ? {} : { loss } }];
  }),
);

describe('metricInRange', () => {
  it.each<[string, MetricInRangeOptions, string, string]>([
    ['never', { max: 5 }, '-', '-'],
    ['empty', { max: 5 }, '--|', '--|'],
    ['one at the bound', { max: 5 }, '-5-|', '---|'],
    ['above, each time once', { max: 5 }, '-2-9-8-3-6-|', '---v-----v-|'],
    ['below', { min: 3 }, '-3-2-1-4-|', '---v-----|'],
    ['both sides', { min: 3, max: 5 }, '-4-2-6-5-|', '---v-v---|'],
    ['what is no number, which compares with nothing', { max: 5 }, '-n-x-9-n-8-|', '-----v-----|'],
    ['an error of the source', { max: 5 }, '-9-#', '-v-#'],
  ])('takes %s', (_, range, events, expected) => {
    marbles(({ epochs, expectViolations }) => {
      expectViolations(metricInRange('loss', range), { run$: epochs(events, ends) }).toBe(expected, {
        v: { rule: 'loss' },
      });
    });
  });

  it('reads the metrics of steps too, and says which bound was broken', () => {
    marbles(({ steps, expectViolations }) => {
      const run$ = steps('-a-b|', { a: { step: 1, metrics: { loss: 1 } }, b: { step: 2, metrics: { loss: 7 } } });
      const guarded = { name: 'vs-random', run$ };
      expectViolations(metricInRange('loss', { min: 0, max: 5, action: 'warn' }), guarded).toBe('---w|', {
        w: {
          limit: 5,
          observed: 7,
          message: `The training's metric "loss" was 7 while "vs-random" ran, and is to be at most 5`,
        },
      });
    });
  });

  it('subscribes to the run once, and leaves it when its subscriber leaves', () => {
    marbles(({ epochs, expectViolations, expectSubscriptions }) => {
      const run$ = epochs('-2-9', ends);
      expectViolations(metricInRange('loss', { min: 0, max: 5 }), { run$ }, '^-!').toBe('-');
      expectSubscriptions(run$).toBe('^-!');
    });
  });

  it.each([
    ['', { max: 5 }, 'must be a name'],
    ['loss', {}, 'takes a range with at least one bound'],
    ['loss', { min: 5, max: 3 }, 'the lower one first, but 5 to 3 came'],
    ['loss', { max: '5' }, 'a finite number'],
    ['loss', { maximum: 5 }, 'unknown key "maximum"'],
  ])('refuses %j with %j', (metric, range, sentence) => {
    expect(() => metricInRange(metric, range as MetricInRangeOptions)).toThrow(sentence);
  });
});
