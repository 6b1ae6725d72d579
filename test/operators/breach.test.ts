import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { breach, type BreachChange, type BreachOptions } from '../../src/operators/index.ts';
import { marbles } from '../../src/testing/index.ts';
import { unexpected } from './marbles.ts';

const values = { ...Object.fromEntries(Array.from('0123456789', (each) => [each, Number(each)])), n: null, x: NaN };
const read = (value: number | null): number | null => value;

/** s and e: the start and the end of a breach, with the value; the worst one is told apart. */
const start = (value: number) => ({ kind: 'start', value, sample: value });
const end = (value: number, worst: number) => ({ kind: 'end', value, sample: value, worst });

describe('breach', () => {
  it.each<[string, BreachOptions, string, string, object]>([
    ['never', { limit: 5 }, '-', '-', {}],
    ['empty', { limit: 5 }, '--|', '--|', {}],
    ['one at the limit', { limit: 5 }, '-5-|', '---|', {}],
    ['one above it, which has no end', { limit: 5 }, '-6-|', '-s-|', { s: start(6) }],
    ['many', { limit: 5 }, '-3-6-7-5-8-4-|', '---s---e-t-f-|', { s: start(6), e: end(5, 7), t: start(8), f: end(4, 8) }], // prettier-ignore
    ['what was not measured, which ends nothing', { limit: 5 }, '-6-n-x-7-|', '-s-------|', { s: start(6) }],
    ['what was not measured, which begins nothing', { limit: 5 }, '-n-x-3-|', '-------|', {}],
    ['a true 0, which ends one', { limit: 5 }, '-6-0-|', '-s-e-|', { s: start(6), e: end(0, 6) }],
    ['wavering down to the clear value', { limit: 5, clearAt: 4 }, '-6-5-6-4-|', '-s-----e-|', { s: start(6), e: end(4, 6) }], // prettier-ignore
    ['the side below', { limit: 5, side: 'below' }, '-5-4-2-5-|', '---s---e-|', { s: start(4), e: end(5, 2) }],
    ['below, with a clear value', { limit: 5, side: 'below', clearAt: 7 }, '-4-6-7-|', '-s---e-|', { s: start(4), e: end(7, 4) }], // prettier-ignore
    ['an error of the source', { limit: 5 }, '-6-#', '-s-#', { s: start(6) }],
  ])('takes %s', (_, options, samples, expected, changes) => {
    marbles(({ hot, expectObservable }) => {
      expectObservable(hot(samples, values).pipe(breach(read, options))).toBe(expected, changes);
    });
  });

  it('leaves its source when its subscriber leaves', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const samples$ = hot('-6-3-7', values);
      expectObservable(samples$.pipe(breach(read, { limit: 5 })), '^-!').toBe('-s-', { s: start(6) });
      expectSubscriptions(samples$).toBe('^-!');
    });
  });

  it('errors with what the reader throws, and leaves its source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const samples$ = hot('-6-3-');
      const failing = (): number => {
        throw new Error('no such field');
      };
      expectObservable(samples$.pipe(breach(failing, { limit: 5 }))).toBe('-#', {}, new Error('no such field'));
      expectSubscriptions(samples$).toBe('^!');
    });
  });

  it('begins anew with each subscriber', () => {
    marbles(({ cold, expectObservable }) => {
      const breaches$ = cold('-6-|', values).pipe(breach(read, { limit: 5 }));
      expectObservable(breaches$).toBe('-s-|', { s: start(6) });
      expectObservable(breaches$, '---^').toBe('----s-|', { s: start(6) });
    });
  });

  it('tells a breach once when a sample comes in the middle of being told', () => {
    const samples$ = new Subject<number>();
    const told: BreachChange<number>['kind'][] = [];
    samples$.pipe(breach(read, { limit: 5 })).subscribe({
      next: ({ kind }) => {
        told.push(kind);
        if (told.length < 5) samples$.next(kind === 'start' ? 9 : 1);
      },
      error: unexpected,
    });

    samples$.next(6);
    samples$.next(1);

    expect(told).toEqual(['start', 'end']);
  });

  it.each([
    [{ limit: NaN }, 'a finite number'],
    [{ limits: 5 }, 'unknown key "limits": did you mean "limit"?'],
    [{ limit: 5, clearAt: 6 }, 'give one that is at most 5'],
    [{ limit: 5, clearAt: 4, side: 'below' }, 'give one that is at least 5'],
    [{ limit: 5, side: 'beside' }, "'above' or 'below'"],
  ])('refuses %j', (options, sentence) => {
    expect(() => breach(read, options as BreachOptions)).toThrow(sentence);
  });
});
