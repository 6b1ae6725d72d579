import { map, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/index.ts';
import { onBestMetric, type OnBestMetricOptions, type TriggerPoint } from '../../src/operators/index.ts';
import { marbles } from '../../src/testing/index.ts';
import { unexpected } from './marbles.ts';
import { epochEnd } from './run-events.ts';

/** The end of an epoch with this loss, which is its number too; n: NaN, x: without one, i: an infinity, t: a text. */
const ends = Object.fromEntries(
  Array.from('0123456789nxit').map((marble, index) => {
    const loss = { n: NaN, x: undefined, i: Infinity, t: 'low' }[marble] ?? Number(marble);
    return [marble, { epoch: index + 1, metrics: marble === 'x' ? {} : { loss } }];
  }),
);
const lossOf = map(({ metrics }: TriggerPoint) => String(metrics?.loss));

describe('onBestMetric', () => {
  it.each<[string, OnBestMetricOptions, string, string]>([
    ['never', {}, '-', '-'],
    ['empty', {}, '--|', '--|'],
    ['one', {}, '-9-|', '-9-|'],
    ['many', {}, '-9-7-8-7-5-|', '-9-7-----5-|'],
    ['the larger as the better', { mode: 'max' }, '-3-5-5-4-6-|', '-3-5-----6-|'],
    ['what has no such number, which is never best', {}, '-n-x-i-t-5-n-4-|', '---------5---4-|'],
    ['an improvement of exactly the least delta, which is none', { minDelta: 2 }, '-9-7-6-5-|', '-9---6---|'],
    ['a step of less, which does not move the best', { minDelta: 2 }, '-9-8-7-6-|', '-9-----6-|'],
    ['an error of the source', {}, '-9-#', '-9-#'],
  ])('takes %s', (_, options, events, expected) => {
    marbles(({ epochs, expectObservable }) => {
      expectObservable(epochs(events, ends).pipe(onBestMetric('loss', options), lossOf)).toBe(expected);
    });
  });

  it('tells epoch, step, metrics and checkpoint of the epoch, and knows no interrupted one', () => {
    marbles(({ run, expectObservable }) => {
      const checkpoint = { path: 'epoch-1.bin', hash: 'abc' };
      const events$ = run('-ssi-e|', {
        i: { type: 'epoch:end', epoch: 1, metrics: { loss: 1 }, interrupted: true },
        e: { type: 'epoch:end', epoch: 1, metrics: { loss: 2 }, checkpoint },
      });
      expectObservable(events$.pipe(onBestMetric('loss'))).toBe('-----e|', {
        e: { epoch: 1, step: 2, metrics: { loss: 2 }, checkpoint },
      });
    });
  });

  it('leaves its source when its subscriber leaves', () => {
    marbles(({ epochs, expectObservable, expectSubscriptions }) => {
      const events$ = epochs('-9-7-5-', ends);
      expectObservable(events$.pipe(onBestMetric('loss'), lossOf, take(2))).toBe('-9-(7|)');
      expectSubscriptions(events$).toBe('^--!');
    });
  });

  it('has the best of what comes in the middle of being told', () => {
    const events$ = new Subject<RunEvent>();
    const told: unknown[] = [];
    events$.pipe(onBestMetric('loss')).subscribe({
      next: ({ metrics }) => {
        told.push(metrics?.loss);
        if (told.length === 1) events$.next(epochEnd(2, { metrics: { loss: 3 } }));
      },
      error: unexpected,
    });

    events$.next(epochEnd(1, { metrics: { loss: 9 } }));
    events$.next(epochEnd(3, { metrics: { loss: 5 } }));

    expect(told).toEqual([9, 3]);
  });

  it.each([
    ['', {}, 'the name of a metric'],
    ['loss', { mode: 'auto' }, "'min' or 'max'"],
    ['loss', { minDelta: -1 }, 'a finite number from 0 on'],
    ['loss', { patience: 3 }, 'unknown key "patience"'],
  ])('refuses %j with %j', (metric, options, sentence) => {
    expect(() => onBestMetric(metric, options as OnBestMetricOptions)).toThrow(sentence);
  });
});
