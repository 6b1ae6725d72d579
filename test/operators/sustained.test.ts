import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import { sustained } from '../../src/operators/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from './marbles.ts';

/** y: it holds; n: it does not; u: could not be measured. */
const condition = (sample: string) => (sample === 'u' ? null : sample === 'y');

describe('sustained for 4 ms', () => {
  it.each([
    ['never', '-', '-'],
    ['empty', '--|', '--|'],
    ['one', '-y---------|', '-----------|'],
    ['many', '-y-y-y-y-n-y-y-y-y-|', '-----y---------y---|'],
    ['just too short', '-y--y-n-y--|', '-----------|'],
    ['exactly long enough', '-y---y|', '-----y|'],
    ['a "no" that breaks', '-y-yny-y-y|', '---------y|'],
    ['a null that breaks nothing', '-y-u-y|', '-----y|'],
    ['nulls only', '-u-u-u-u-u|', '----------|'],
    ['a null at the very moment, which is no evidence', '-y---u--y|', '--------y|'],
    ['a null first, which begins nothing', '-u-y-y-y|', '-------y|'],
    ['a null after a "no", which mends nothing', '-y-n-u-y-y|', '----------|'],
    ['an error of the source', '-y---y-#', '-----y-#'],
  ])('takes %s', (_case, samples, expected) => {
    marbles(({ cold, expectObservable, scheduler }) => {
      const samples$ = cold(samples);
      expectObservable(samples$.pipe(sustained(condition, { forMs: 4, scheduler }))).toBe(expected);
    })();
  });

  it.each([
    ['a gap of exactly that length', '-y-n-y|', '-----y|'],
    ['a gap that is longer', '-y-n--y-y-y|', '----------y|'],
    ['a gap of several "no"s, measured from the first', '-ynnny---y|', '---------y|'],
    ['a gap that no "yes" follows', '-y---nnnnn---y|', '--------------|'],
    ['a gap after it was told', '-y---y-n-y|', '-----y----|'],
    ['a null in a gap', '-y-nuy|', '-----y|'],
  ])('with gaps of 2 ms takes %s', (_case, samples, expected) => {
    marbles(({ cold, expectObservable, scheduler }) => {
      expectObservable(cold(samples).pipe(sustained(condition, { forMs: 4, gapMs: 2, scheduler }))).toBe(expected);
    })();
  });

  it(
    'leaves its source when its subscriber leaves, and schedules nothing',
    marbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const samples$ = hot('-y---y-');
      expectObservable(samples$.pipe(sustained(condition, { forMs: 4, scheduler })), '^--!').toBe('----');
      expectSubscriptions(samples$.subscriptions).toBe('^--!');
    }),
  );

  it(
    'errors with what the condition throws',
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const samples$ = cold('-y-');
      const failing = () => {
        throw new Error('no such field');
      };
      expectObservable(samples$.pipe(sustained(failing, { forMs: 4, scheduler }))).toBe(
        '-#',
        undefined,
        new Error('no such field'),
      );
      expectSubscriptions(samples$.subscriptions).toBe('^!');
    }),
  );

  it('tells a stretch once when a sample comes in the middle of being told', async () => {
    const clock = new VirtualClock();
    const samples$ = new Subject<string>();
    let told = 0;
    samples$.pipe(sustained(condition, { forMs: 4, scheduler: schedulerOf(clock) })).subscribe({
      next: () => {
        if (++told < 5) samples$.next('y');
      },
      error: unexpected,
    });
    samples$.next('y');
    await clock.advance(4);
    samples$.next('y');
    samples$.next('y');
    expect(told).toBe(1);
  });

  // It was a "no", and ended what it could not tell of.
  it('passes over a sample of which the condition says nothing, as it does null', () => {
    marbles(({ cold, expectObservable, scheduler }) => {
      const says = (sample: string) => (sample === 'y' ? true : undefined);
      expectObservable(cold('-y-u-y|').pipe(sustained(says, { forMs: 4, scheduler }))).toBe('-----y|');
    })();
  });

  it.each([0, -1, NaN, '10s'])('refuses to hold for %s', (forMs) => {
    expect(() => sustained(condition, { forMs: forMs as number })).toThrow(
      'The options of sustained: "forMs" must be milliseconds, a finite number above 0',
    );
  });

  it.each([
    [condition, undefined, 'The options of sustained must be an object, but undefined came'],
    [condition, { forMs: 1, gapMs: -1 }, '"gapMs" must be milliseconds, a finite number from 0 on, but -1 came'],
    [condition, { forMs: 1, gapMs: NaN }, '"gapMs" must be milliseconds, a finite number from 0 on, but NaN came'],
    [condition, { forMs: 1, gap: 1 }, 'unknown key "gap": did you mean "gapMs"?'],
    [true, { forMs: 1 }, 'sustained(condition, options) takes a function of a sample, but true came'],
  ])('refuses %s and %j', (given, options, sentence) => {
    expect(() => sustained(given as typeof condition, options as never)).toThrow(sentence);
  });
});
