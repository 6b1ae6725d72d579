import { EMPTY, NEVER, of, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import { sampledMetrics } from '../../src/operators/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from './marbles.ts';

const values = { n: null };

describe('sampledMetrics each 3 ms', () => {
  it.each([
    ['never answers', '-', '^-----------!', '-------------'],
    ['is empty', '|', '^-----------!', 'n--n--n--n---'],
    ['answers once', '(x|)', '^-----------!', 'x--x--x--x---'],
    ['answers many times, of which the first counts', 'xyz', '^-----------!', 'x--x--x--x---'],
    ['answers slowly, so that polls are skipped', '----(x|)', '^-----------!', '----x-----x--'],
    ['errors', '-#', '^-----------!', '-n--n--n--n--'],
  ])('asks a probe that %s', (_case, probe, until, expected) => {
    marbles(({ cold, expectObservable, scheduler }) => {
      const sampled$ = sampledMetrics(() => cold(probe), { everyMs: 3, scheduler });
      expectObservable(sampled$, until).toBe(expected, { ...values, x: 'x' });
    })();
  });

  it(
    'never has two polls under way, and ends the one that is when its subscriber leaves',
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const probe$ = cold('----(x|)');
      expectObservable(
        sampledMetrics(() => probe$, { everyMs: 3, scheduler }),
        '^-------!',
      ).toBe('----x----');
      expectSubscriptions(probe$.subscriptions).toBe(['^---!', '------^-!']);
    }),
  );

  it(
    'tells null for one failed poll among good ones',
    marbles(({ expectObservable, scheduler }) => {
      const answers: Observable<number>[] = [of(1), throwError(() => new Error('driver hung')), EMPTY, of(4)];
      const probe = () => answers.shift() ?? NEVER;
      expectObservable(sampledMetrics(probe, { everyMs: 3, scheduler }), '^-----------!').toBe('a--n--n--d---', {
        a: 1,
        n: null,
        d: 4,
      });
    }),
  );

  it.each([
    [undefined, null],
    [NaN, null],
    [Infinity, null],
    [null, null],
    [0, 0],
    [-1, -1],
  ])('tells %s as %s', (measured, told) => {
    marbles(({ expectObservable, scheduler }) => {
      expectObservable(
        sampledMetrics(() => of(measured), { everyMs: 3, scheduler }),
        '^-!',
      ).toBe('a--', { a: told });
    })();
  });

  it(
    'tells null when the probe throws rather than rejects',
    marbles(({ expectObservable, scheduler }) => {
      const failing = () => {
        throw new Error('no such file');
      };
      expectObservable(sampledMetrics(failing, { everyMs: 3, scheduler }), '^---!').toBe('n--n-', values);
    }),
  );

  it('leaves no timer when its subscriber leaves in the middle of a sample', async () => {
    const clock = new VirtualClock();
    const seen: (number | null)[] = [];
    const subscription = sampledMetrics(() => Promise.resolve(seen.length), {
      everyMs: 3,
      scheduler: schedulerOf(clock),
    }).subscribe({
      next: (value) => {
        seen.push(value);
        if (seen.length === 2) subscription.unsubscribe();
      },
      error: unexpected,
    });
    await clock.advance(20);
    expect(seen).toEqual([0, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([0, -1, NaN, '1s'])('refuses to ask each %s ms', (everyMs) => {
    expect(() => sampledMetrics(() => of(1), { everyMs: everyMs as number })).toThrow(
      'The options of sampledMetrics: "everyMs" must be milliseconds, a finite number above 0',
    );
  });

  it('refuses an option that there is not', () => {
    expect(() => sampledMetrics(() => of(1), { every: 5 } as never)).toThrow(
      'unknown key "every": did you mean "everyMs"?',
    );
  });

  // Taken as it came, it was unmeasured for ever.
  it('refuses a probe that is no function', () => {
    expect(() => sampledMetrics(of(1) as never)).toThrow(
      /^sampledMetrics\(probe, options\) takes a function that measures/,
    );
  });
});
