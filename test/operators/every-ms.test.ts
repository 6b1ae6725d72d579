import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import type { RunEvent } from '../../src/events/index.ts';
import { everyMs } from '../../src/operators/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from './marbles.ts';
import { epochEnd, epochStart, evaluationRequested, step, trainingEnd } from './run-events.ts';

const events = {
  s: epochStart(1),
  a: step(1),
  b: step(2),
  x: epochEnd(1, { metrics: { loss: 2 } }),
  E: trainingEnd(),
  q: evaluationRequested(9, 9),
};
const points = {
  o: { epoch: 0, step: 0 },
  s: { epoch: 1, step: 0 },
  a: { epoch: 1, step: 1 },
  b: { epoch: 1, step: 2 },
  x: { epoch: 1, step: 2, metrics: { loss: 2 } },
};

describe('everyMs', () => {
  it.each([
    ['never', '-', '-----o----o-', '^-----------!'],
    ['empty', '----------|', '-----o----|', '^---------!'],
    ['one', '-a-----|', '-----a-|', '^------!'],
    ['many', 'sa-----qb---x---|', '-----a----b----x|', '^---------------!'],
    ['the end of the training', '-a----E-----', '-----a|', '^-----!'],
    ['an error of the source', '-a----#', '-----a#', '^-----!'],
  ])('takes %s', (_case, diagram, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const events$ = cold<RunEvent>(diagram, events);
      const until = expected.endsWith('-') ? `^${'-'.repeat(expected.length - 1)}!` : '^-------------------';
      expectObservable(events$.pipe(everyMs(5, scheduler)), until).toBe(expected, points);
      expectSubscriptions(events$.subscriptions).toBe(subscription);
    })();
  });

  it(
    'tells the epoch that has begun',
    marbles(({ cold, expectObservable, scheduler }) => {
      expectObservable(cold<RunEvent>('--s-----|', events).pipe(everyMs(5, scheduler))).toBe('-----s--|', points);
    }),
  );

  it('leaves no timer when its subscriber leaves, also in the middle of a trigger', async () => {
    const clock = new VirtualClock();
    const events$ = new Subject<RunEvent>();
    const fired: number[] = [];
    const subscription = events$.pipe(everyMs(10, schedulerOf(clock))).subscribe({
      next: ({ step: at }) => {
        fired.push(at);
        events$.next(step(at + 1));
        if (fired.length === 2) subscription.unsubscribe();
      },
      error: unexpected,
    });
    await clock.advance(50);
    expect(fired).toEqual([0, 1]);
    expect(clock.pendingTimers).toBe(0);
    expect(events$.observed).toBe(false);
  });

  it.each([0, -1, NaN, Infinity, '30m'])('refuses %s', (ms) => {
    expect(() => everyMs(ms as number)).toThrow(
      /^everyMs\(ms\) takes milliseconds, a finite number above 0, but .* came/,
    );
  });

  it(
    'keeps the metrics of the last epoch that ended whole',
    marbles(({ cold, expectObservable, scheduler }) => {
      const interrupted = { ...events, i: epochEnd(1, { metrics: {}, interrupted: true }) };
      expectObservable(cold<RunEvent>('bxi---|', interrupted).pipe(everyMs(5, scheduler))).toBe('-----x|', points);
    }),
  );
});
