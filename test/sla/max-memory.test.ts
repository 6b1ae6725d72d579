import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import type { Sample } from '../../src/events/index.ts';
import { maxMemory } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from '../operators/marbles.ts';
import { guardedIn, sample } from './guarded.ts';

/** Digits are MB; u could not be measured, o was not even told, x is no number, m is less than nothing. */
const samples = {
  ...Object.fromEntries([0, 3, 4, 5, 6, 7, 8].map((memoryMb) => [memoryMb, sample(memoryMb)])),
  u: sample(null),
  o: {} as Sample,
  x: sample(NaN),
  m: sample(-1),
};

const violated = (observed: number, observedAt: number) => ({
  rule: 'memoryMb',
  limit: 5,
  observed,
  unit: 'MB',
  action: 'abort',
  evaluationId: 'e-1',
  observedAt,
  lateByHostMs: 0,
  pausedMs: 0,
  message: `"vs-random" held ${observed} MB, and its limit is 5 MB (memoryMb)`,
});

describe('maxMemory(5)', () => {
  it.each([
    ['never', '-', '-', {}],
    ['empty', '--|', '--|', {}],
    ['one below', '-3-|', '---|', {}],
    ['one at the limit', '-5-|', '---|', {}],
    ['one above', '-6-|', '-v-|', { v: violated(6, 1) }],
    ['many, each breach once', '-3-6-7-4-8-8|', '---v-----w--|', { v: violated(6, 3), w: violated(8, 9) }],
    ['what was not measured', '-u-o-x-m|', '--------|', {}],
    ['what was not measured in a breach, which ends none', '-6-u-7|', '-v----|', { v: violated(6, 1) }],
    ['a true 0, which ends a breach', '-6-0-7|', '-v---w|', { v: violated(6, 1), w: violated(7, 5) }],
    ['an error of the source', '-6-#', '-v-#', { v: violated(6, 1) }],
  ])('takes %s', (_case, told, expected, violations) => {
    marbles(({ hot, expectObservable, scheduler }) => {
      const samples$ = hot<Sample>(told, samples);
      expectObservable(maxMemory(5)(guardedIn(scheduler, { samples$ }))).toBe(expected, violations);
    })();
  });

  it(
    'leaves its source when its subscriber leaves',
    marbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const samples$ = hot<Sample>('-6-3-7', samples);
      expectObservable(maxMemory(5)(guardedIn(scheduler, { samples$ })), '^--!').toBe('-v--', { v: violated(6, 1) });
      expectSubscriptions(samples$.subscriptions).toBe('^--!');
    }),
  );

  it('tells a breach once when a sample comes in the middle of being told', () => {
    const samples$ = new Subject<Sample>();
    let told = 0;
    maxMemory(5, { action: 'warn' })(guardedIn(schedulerOf(new VirtualClock()), { samples$ })).subscribe({
      next: () => {
        if (++told < 5) samples$.next(sample(9));
      },
      error: unexpected,
    });
    samples$.next(sample(6));
    samples$.next(sample(7));
    expect(told).toBe(1);
  });

  it.each([0, -1, NaN, '1GB'])('refuses a limit of %s', (limit) => {
    expect(() => maxMemory(limit as number)).toThrow(/^maxMemory takes a limit in MB/);
  });
});
