import { Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/index.ts';
import { atEpochs, everyEpochs } from '../../src/operators/index.ts';
import { marbles, unexpected } from './marbles.ts';
import { epochEnd, evaluationRequested, step } from './run-events.ts';

const ends = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((epoch) => [epoch, epochEnd(epoch)]));
const points = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((epoch) => [epoch, { epoch, step: 0, metrics: {} }]));

describe('everyEpochs', () => {
  it.each([
    ['never', 2, '-', '-', '^'],
    ['empty', 2, '---|', '---|', '^--!'],
    ['one', 1, '-1-|', '-1-|', '^--!'],
    ['many', 2, '-1-2-3-4-|', '---2---4-|', '^--------!'],
    ['an epoch told twice', 2, '-1-2-2-3-|', '---2-----|', '^--------!'],
    ['a jump over a multiple', 2, '-1-3-4-|', '---3-4-|', '^------!'],
    ['a jump over several multiples', 2, '-1-7-8-|', '---7-8-|', '^------!'],
    ['a first epoch beyond the first multiple', 5, '-7-8-|', '-7---|', '^----!'],
    ['an error of the source', 2, '-1-2-#', '---2-#', '^----!'],
  ])('takes %s', (_case, n, events, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events$ = cold<RunEvent>(events, ends);
      expectObservable(events$.pipe(everyEpochs(n))).toBe(expected, points);
      expectSubscriptions(events$.subscriptions).toBe(subscription);
    })();
  });

  it(
    'leaves its source when its subscriber leaves',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const events$ = hot<RunEvent>('-1-2-3-4-', ends);
      expectObservable(events$.pipe(everyEpochs(1)), '^----!').toBe('-1-2--', points);
      expectSubscriptions(events$.subscriptions).toBe('^----!');
    }),
  );

  it(
    'neither fires at an interrupted epoch nor counts it',
    marbles(({ cold, expectObservable }) => {
      const events$ = cold<RunEvent>('-a-b-c|', {
        a: epochEnd(1),
        b: epochEnd(2, { interrupted: true }),
        c: epochEnd(2),
      });
      expectObservable(events$.pipe(everyEpochs(2))).toBe('-----2|', points);
    }),
  );

  it(
    'tells the step, the metrics and the checkpoint of the epoch',
    marbles(({ cold, expectObservable }) => {
      const checkpoint = { path: 'epoch-1.bin', hash: 'abc' };
      const events$ = cold<RunEvent>('-abcd|', {
        a: step(41),
        b: step(42),
        c: evaluationRequested(1, 99),
        d: epochEnd(1, { metrics: { loss: 0.5 }, checkpoint }),
      });
      expectObservable(events$.pipe(everyEpochs(1))).toBe('----p|', {
        p: { epoch: 1, step: 42, metrics: { loss: 0.5 }, checkpoint },
      });
    }),
  );

  it(
    'counts from where it joins a run that goes on',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<RunEvent>('-7-8-9|', ends).pipe(everyEpochs(4, { from: 6 }))).toBe('---8--|', points);
    }),
  );

  it(
    'counts anew for each subscriber',
    marbles(({ cold, expectObservable }) => {
      const trigger$ = cold<RunEvent>('-1-2|', ends).pipe(everyEpochs(2));
      expectObservable(trigger$).toBe('---2|', points);
      expectObservable(trigger$, '--^').toBe('-----2|', points);
    }),
  );

  it('fires once for each crossing when an event comes in the middle of its trigger', () => {
    const events$ = new Subject<RunEvent>();
    const fired: number[] = [];
    events$.pipe(everyEpochs(2), take(3)).subscribe({
      next: ({ epoch }) => {
        fired.push(epoch);
        if (epoch === 2) events$.next(epochEnd(5));
      },
      error: unexpected,
    });
    for (const epoch of [1, 2, 3, 6]) events$.next(epochEnd(epoch));
    expect(fired).toEqual([2, 5, 6]);
  });

  it.each([0, -1, 2.5, NaN, Infinity, '5', undefined])('refuses %s', (n) => {
    expect(() => everyEpochs(n as number)).toThrow(
      `everyEpochs(n) takes a whole number from 1 on, but ${typeof n === 'string' ? '"5"' : String(n)} came: everyEpochs(5) fires after each 5 epochs`,
    );
  });

  // Compared with NaN, nothing was ever crossed.
  it.each([
    [{ from: NaN }, '"from" must be a whole number from 0 on, but NaN came'],
    [{ from: -1 }, '"from" must be a whole number from 0 on, but -1 came'],
    [{ form: 3 }, 'unknown key "form": did you mean "from"?'],
  ])('refuses the options %j', (options, sentence) => {
    expect(() => everyEpochs(5, options as never)).toThrow(sentence);
  });
});

describe('atEpochs', () => {
  it.each([
    ['never', '-', '-'],
    ['empty', '---|', '---|'],
    ['one', '-3-|', '-3-|'],
    ['many', '-1-2-3-4-5-6-7-8|', '-----3-------7--|'],
    ['a jump over one', '-2-5-6|', '---5--|'],
    ['a jump over both', '-1-9|', '---9|'],
    ['an error of the source', '-3-#', '-3-#'],
  ])('takes %s', (_case, events, expected) => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<RunEvent>(events, ends).pipe(atEpochs([7, 3]))).toBe(expected, points);
    })();
  });

  it(
    'leaves its source when its subscriber leaves',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const events$ = hot<RunEvent>('-1-2-3-4-', ends);
      expectObservable(events$.pipe(atEpochs([1, 3])), '^--!').toBe('-1--', points);
      expectSubscriptions(events$.subscriptions).toBe('^--!');
    }),
  );

  it('fires once for each epoch when an event comes in the middle of its trigger', () => {
    const events$ = new Subject<RunEvent>();
    const fired: number[] = [];
    events$.pipe(atEpochs([3, 7])).subscribe({
      next: ({ epoch }) => {
        fired.push(epoch);
        if (epoch === 3) events$.next(epochEnd(7));
      },
      error: unexpected,
    });
    for (const epoch of [3, 7, 8]) events$.next(epochEnd(epoch));
    expect(fired).toEqual([3, 7]);
  });

  it('refuses an empty list and what is no epoch', () => {
    expect(() => atEpochs([])).toThrow('at least one epoch, but an array of 0 came');
    expect(() => atEpochs(3 as never)).toThrow('at least one epoch, but 3 came');
    expect(() => atEpochs([3, 0])).toThrow('takes a whole number from 1 on, but 0 came');
  });
});
