import { mergeMap, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isolate } from '../../src/operators/index.ts';
import { marbles } from './marbles.ts';

describe('isolate', () => {
  it.each([
    ['never', '-', '-', '^', 0],
    ['empty', '--|', '--|', '^-!', 0],
    ['one', '-a-|', '-a-|', '^--!', 0],
    ['many', '-a-b-c|', '-a-b-c|', '^-----!', 0],
    ['an error of the source', '-a-#', '-a-|', '^--!', 1],
    ['an error at once', '#', '|', '(^!)', 1],
  ])('takes %s', (_case, source, expected, subscription, errors) => {
    const told: unknown[] = [];
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source);
      expectObservable(source$.pipe(isolate((error) => told.push(error)))).toBe(expected);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
    expect(told).toEqual(Array.from({ length: errors }, () => 'error'));
  });

  it(
    'leaves its source when its subscriber leaves',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-a-b-c-');
      expectObservable(source$.pipe(isolate(() => undefined)), '^---!').toBe('-a-b-');
      expectSubscriptions(source$.subscriptions).toBe('^---!');
    }),
  );

  it(
    'completes also when its listener throws',
    marbles(({ cold, expectObservable }) => {
      const failing = isolate(() => {
        throw new Error('the logger is gone');
      });
      expectObservable(cold('-a-#').pipe(failing)).toBe('-a-|');
    }),
  );

  it('contains one inner, so that the outer stream goes on, also when the listener feeds it', () => {
    const source$ = new Subject<number>();
    const seen: unknown[] = [];
    source$
      .pipe(
        mergeMap((value) =>
          throwError(() => new Error(`${value}`)).pipe(
            isolate((error) => {
              seen.push((error as Error).message);
              if (value === 1) source$.next(2);
            }),
          ),
        ),
      )
      .subscribe({ error: () => seen.push('ended') });
    source$.next(1);
    source$.next(3);
    expect(seen).toEqual(['1', '2', '3']);
  });

  // Its errors were dropped, and nobody was told that nobody is told.
  it('refuses a listener that is no function', () => {
    expect(() => isolate(undefined as never)).toThrow(
      /^isolate\(onError\) takes a function of the error, but undefined came/,
    );
  });
});
