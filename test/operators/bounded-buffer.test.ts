import { EMPTY, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { boundedBuffer } from '../../src/operators/index.ts';
import { marbles, unexpected } from './marbles.ts';

describe('boundedBuffer', () => {
  it.each([
    ['never', '-', '-', '^', []],
    ['empty', '--|', '--|', '^-!', []],
    ['one', '-a--|', '-x---y|', '^---!', []],
    ['many that find room', '-a-----b|', '-x---y-x---y|', '^-------!', []],
    ['many that find none', '-abcd------|', '-x---yx---y|', '^----------!', ['c1', 'd2']],
    ['an error of the source', '-ab-#', '-x--#', '^---!', []],
  ])('with room for one takes %s', (_case, source, expected, subscription, lost) => {
    const dropped: string[] = [];
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source);
      const working = () => cold('x---y|');
      const onDropped = (value: string, droppedSoFar: number) => dropped.push(`${value}${droppedSoFar}`);
      expectObservable(source$.pipe(boundedBuffer(working, { size: 1, onDropped }))).toBe(expected);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
    expect(dropped).toEqual(lost);
  });

  it(
    'keeps the order of what waits, and takes new values as room comes',
    marbles(({ cold, expectObservable }) => {
      const working = (value: string) => cold(`---(${value}|)`);
      const source$ = cold('abcd-e|');
      expectObservable(source$.pipe(boundedBuffer(working, { size: 2 }))).toBe('---a--b--c--(e|)');
    }),
  );

  it(
    'ends source and work when its subscriber leaves',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-ab---');
      const work$ = cold('-----x|');
      expectObservable(source$.pipe(boundedBuffer(() => work$, { size: 1 })), '^---!').toBe('-----');
      expectSubscriptions(source$.subscriptions).toBe('^---!');
      expectSubscriptions(work$.subscriptions).toBe('-^--!');
    }),
  );

  it.each([
    ['project', '-#', '^!'],
    ['onDropped', '---#', '^--!'],
  ])('errors with what %s throws', (who, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-abc-');
      const failing = () => {
        throw new Error('no disk');
      };
      const operator =
        who === 'project'
          ? boundedBuffer(failing, { size: 1 })
          : boundedBuffer(() => cold('-'), { size: 1, onDropped: failing });
      expectObservable(source$.pipe(operator)).toBe(expected, undefined, new Error('no disk'));
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });

  it('counts what comes in the middle of its work', () => {
    const source$ = new Subject<number>();
    const dropped: number[] = [];
    const done: number[] = [];
    const working = (value: number) => {
      if (value === 1) for (const more of [2, 3, 4]) source$.next(more);
      return of(value);
    };
    source$
      .pipe(boundedBuffer(working, { size: 2, onDropped: (value) => dropped.push(value) }))
      .subscribe({ next: (value) => done.push(value), error: unexpected });
    source$.next(1);
    source$.next(5);
    expect(done).toEqual([1, 2, 3, 5]);
    expect(dropped).toEqual([4]);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses room for %s', (size) => {
    expect(() => boundedBuffer(() => EMPTY, { size })).toThrow(
      `The options of boundedBuffer: "size" must be a whole number of values, from 1 on, but ${size} came`,
    );
  });

  it.each([
    [() => EMPTY, undefined, 'The options of boundedBuffer must be an object, but undefined came'],
    [() => EMPTY, { size: 1, ondropped: () => undefined }, 'unknown key "ondropped": did you mean "onDropped"?'],
    [() => EMPTY, { size: 1, onDropped: 3 }, '"onDropped" must be a function of the value, but 3 came'],
    [EMPTY, { size: 1 }, 'boundedBuffer(project, options) takes a function of the value, but an Observable came'],
  ])('refuses %s and %j', (project, options, sentence) => {
    expect(() => boundedBuffer(project as () => typeof EMPTY, options as never)).toThrow(sentence);
  });
});
