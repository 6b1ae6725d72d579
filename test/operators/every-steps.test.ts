import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/index.ts';
import { everySteps } from '../../src/operators/index.ts';
import { marbles, unexpected } from './marbles.ts';
import { epochEnd, evaluationRequested, step } from './run-events.ts';

/** Letters for the steps at which something happens, for N = 10. */
const steps = { a: step(4), b: step(9), c: step(10), d: step(12), e: step(35), f: step(36), g: step(40) };
const points = Object.fromEntries(Object.entries(steps).map(([letter, { step }]) => [letter, { epoch: 1, step }]));

describe('everySteps', () => {
  it.each([
    ['never', '-', '-', '^'],
    ['empty', '---|', '---|', '^--!'],
    ['one', '-c-|', '-c-|', '^--!'],
    ['many', '-a-b-c-d-|', '-----c---|', '^--------!'],
    ['a jump over a multiple', '-b-d-e-f-g|', '---d-e---g|', '^---------!'],
    ['a step told twice', '-c-c-|', '-c---|', '^----!'],
    ['a step back', '-d-a-d-|', '-d-----|', '^------!'],
    ['an error of the source', '-c-#', '-c-#', '^--!'],
  ])('takes %s', (_case, events, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events$ = cold<RunEvent>(events, steps);
      expectObservable(events$.pipe(everySteps(10))).toBe(expected, points);
      expectSubscriptions(events$.subscriptions).toBe(subscription);
    })();
  });

  it(
    'looks at steps only, and tells their epoch and metrics',
    marbles(({ cold, expectObservable }) => {
      const events$ = cold<RunEvent>('-abc|', {
        a: epochEnd(10),
        b: evaluationRequested(10, 100),
        c: step(10, 2, { loss: 1 }),
      });
      expectObservable(events$.pipe(everySteps(10))).toBe('---p|', { p: { epoch: 2, step: 10, metrics: { loss: 1 } } });
    }),
  );

  it(
    'counts from where it joins a run that goes on',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<RunEvent>('-e-f-g|', steps).pipe(everySteps(10, { from: 34 }))).toBe('-----g|', points);
    }),
  );

  it(
    'leaves its source when its subscriber leaves',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const events$ = hot<RunEvent>('-c-e-g-', steps);
      expectObservable(events$.pipe(everySteps(10)), '^---!').toBe('-c-e-', points);
      expectSubscriptions(events$.subscriptions).toBe('^---!');
    }),
  );

  it('fires once for each crossing when a step comes in the middle of its trigger', () => {
    const events$ = new Subject<RunEvent>();
    const fired: number[] = [];
    events$.pipe(everySteps(10)).subscribe({
      next: ({ step: at }) => {
        fired.push(at);
        if (at === 10) events$.next(step(25));
      },
      error: unexpected,
    });
    for (const at of [9, 10, 26, 30]) events$.next(step(at));
    expect(fired).toEqual([10, 25, 30]);
  });

  it.each([0, -10, 0.5, NaN, '10'])('refuses %s', (n) => {
    expect(() => everySteps(n as number)).toThrow(
      /^everySteps\(n\) takes a whole number from 1 on, but .* came: everySteps/,
    );
  });

  // Compared with NaN, nothing was ever crossed.
  it.each([
    [{ from: NaN }, '"from" must be a whole number from 0 on, but NaN came'],
    [{ from: -1 }, '"from" must be a whole number from 0 on, but -1 came'],
    [{ form: 3 }, 'unknown key "form": did you mean "from"?'],
  ])('refuses the options %j', (options, sentence) => {
    expect(() => everySteps(10, options as never)).toThrow(sentence);
  });
});
