import { BehaviorSubject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import { maxItemTime, type ItemState } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from '../operators/marbles.ts';
import { guardedIn } from './guarded.ts';

const running = (name: string, forMs = 0): ItemState => ({ done: 0, running: { name, forMs } });

/** The item that runs, by its name; a digit after it is how long it had run when it was told. */
const items = {
  n: { done: 0, running: null },
  a: running('a'),
  b: running('b'),
  A: running('a', 3),
  z: running('a', 4),
  Z: running('a', 6),
  Y: running('b', 5),
  N: running('a', NaN),
  u: { done: 1 } as ItemState,
  p: running('a', 1),
  q: { ...running('a', 1), done: 1 },
};

const violated = (name: string, observed: number, observedAt: number, lateByHostMs = observed - 4) => ({
  rule: 'itemTimeMs',
  limit: 4,
  observed,
  unit: 'ms',
  action: 'abort',
  evaluationId: 'e-1',
  observedAt,
  deadlineAt: observedAt - lateByHostMs,
  lateByHostMs,
  pausedMs: 0,
  message: `Item "${name}" of "vs-random" was not done after 4 ms (itemTimeMs)`,
});

describe('maxItemTime(4)', () => {
  it.each([
    ['never', '-', '-', {}],
    ['empty', '--|', '--|', {}],
    ['one that is done in time', '-a--n---|', '--------|', {}],
    ['one that is done at exactly the deadline', '-a---n---|', '---------|', {}],
    ['one that is not', '-a--------|', '-----v----|', { v: violated('a', 4, 5) }],
    ['many, each with the whole limit', '-a--b--a--n|', '-----------|', {}],
    ['many, of which the second is too long', '--a--b-----n--|', '---------v----|', { v: violated('b', 4, 9) }],
    ['one told when it had run', '-A-----|', '--v----|', { v: violated('a', 4, 2) }],
    ['one told at its very limit', '-z-----|', '-v-----|', { v: violated('a', 4, 1) }],
    ['one told beyond its limit', '-Z-----|', '-v-----|', { v: violated('a', 6, 1) }],
    ['one told again and again', '-a--A-zZ-Z|', '-----v----|', { v: violated('a', 4, 5) }],
    ['two too long at once', '-Z-Y---|', '-v-w---|', { v: violated('a', 6, 1), w: violated('b', 5, 3) }],
    ['two of one name', '-a-----a-----|', '-----v-----w-|', { v: violated('a', 4, 5), w: violated('a', 4, 11) }],
    ['one after another too long', '-Z-n-Z-|', '-v---w-|', { v: violated('a', 6, 1), w: violated('a', 6, 5) }],
    ['one whose age is no number', '-N--------|', '-----v----|', { v: violated('a', 4, 5) }],
    ['what names no item, and one after it', '-u-a--------|', '-------v----|', { v: violated('a', 4, 7) }],
    ['one that is paused for a while', '-pppppp-----|', '---------v--|', { v: violated('a', 4, 9) }],
    // What is told of a pause may come a little late: the breach was told then, and is not told again.
    ['one that is told to be paused after it was overdue', '-p---pA----|', '----v------|', { v: violated('a', 4, 4) }],
    [
      'one of the same name, after another',
      '-p---q-----|',
      '----v---w--|',
      { v: violated('a', 4, 4), w: violated('a', 4, 8) },
    ],
    ['an error of the source', '-a-#', '---#', {}],
  ])('takes %s', (_case, told, expected, violations) => {
    marbles(({ hot, expectObservable, scheduler }) => {
      const items$ = hot<ItemState>(told, items);
      expectObservable(maxItemTime(4)(guardedIn(scheduler, { items$ }))).toBe(expected, violations);
    })();
  });

  it(
    'warns where it is told to',
    marbles(({ hot, expectObservable, scheduler }) => {
      const guarded = guardedIn(scheduler, { items$: hot<ItemState>('-Z-Z|', items) });
      expectObservable(maxItemTime(4, { action: 'warn' })(guarded)).toBe('-v--|', {
        v: { ...violated('a', 6, 1), action: 'warn' },
      });
    }),
  );

  it('leaves no timer when its subscriber leaves in the middle of a breach', async () => {
    const clock = new VirtualClock();
    const items$ = new BehaviorSubject<ItemState>(running('a'));
    const seen: string[] = [];
    const subscription = maxItemTime(4)(guardedIn(schedulerOf(clock), { items$ })).subscribe({
      next: ({ message }) => {
        seen.push(message ?? '');
        items$.next(running('b'));
        subscription.unsubscribe();
      },
      error: unexpected,
    });
    await clock.advance(20);
    expect(seen).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
    expect(items$.observed).toBe(false);
  });

  it.each([0, -1, NaN, '5s'])('refuses a limit of %s', (limit) => {
    expect(() => maxItemTime(limit as number)).toThrow(/^maxItemTime takes a limit in milliseconds/);
  });
});
