import { EMPTY, NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { noProgressFor } from '../../src/sla/index.ts';
import { marbles } from '../../src/testing/index.ts';

describe('noProgressFor(4)', () => {
  it.each([
    ['nothing at all', '-', '----v'],
    ['advances in time', '--1--2--3-', '------------v'],
    ['the same again, which is no advance', '--1--1--1-', '------v'],
    ['a first 0, with which nothing is done', '--0--0-', '----v'],
    ['an advance at exactly the deadline', '----1', '--------v'],
    ['one that goes back, which is a new game', '--5--1', '---------v'],
    ['a breach, and another after the next advance', '-1-------2', '-----v-------v'],
    ['an end of what is told', '--1|', '------v'],
    ['an error of the source', '--1#', '---#'],
  ])('takes %s', (_, told, expected) => {
    marbles(({ progress, expectViolations }) => {
      const v = { rule: 'noProgressMs', limit: 4, observed: 4, unit: 'ms', lateByHostMs: 0 };
      expectViolations(noProgressFor(4), { progress$: progress(told) }, '^ 16ms !').toBe(expected, { v });
    });
  });

  it('takes what is no number for no progress, however often it is told', () => {
    marbles(({ hot, expectViolations }) => {
      const progress$ = hot('-nn1nn-', { n: { done: NaN }, 1: { done: 1 } });
      expectViolations(noProgressFor(4), { progress$ }, '^ 9ms !').toBe('-------v');
    });
  });

  it('takes an item that is done for progress, and one that only begins for none', () => {
    marbles(({ items, expectViolations }) => {
      const items$ = items('-a-1-b', { a: 'game 1', b: { done: 1, running: { name: 'game 2', forMs: 0 } } });
      expectViolations(noProgressFor(4), { items$ }, '^ 9ms !').toBe('-------v');
    });
  });

  it('takes the first item, with none done, for no progress', () => {
    marbles(({ items, expectViolations }) => {
      expectViolations(noProgressFor(4), { items$: items('--a', { a: 'game 1' }) }, '^ 9ms !').toBe('----v');
    });
  });

  it('counts from the beginning of the work', () => {
    marbles(({ hot, expectViolations }) => {
      const started$ = hot<void>('---s|');
      expectViolations(noProgressFor(4), { started$ }, '^ 9ms !').toBe('-------v');
    });
  });

  it('tells nothing of what has not begun, and completes with the evaluation', () => {
    marbles(({ expectViolations }) => {
      expectViolations(noProgressFor(4), { started$: NEVER }).toBe('-');
      expectViolations(noProgressFor(4), { started$: EMPTY, progress$: EMPTY, items$: EMPTY }).toBe('|');
    });
  });

  it('leaves everything, its timer too, when its subscriber leaves', () => {
    marbles(({ progress, expectViolations, expectSubscriptions }) => {
      const progress$ = progress('-1-');
      expectViolations(noProgressFor(4), { progress$ }, '^--!').toBe('-');
      expectSubscriptions(progress$).toBe('^--!');
    });
  });

  it.each([0, NaN, '1m'])('refuses a limit of %s', (limit) => {
    expect(() => noProgressFor(limit as number)).toThrow('noProgressFor takes a limit in milliseconds');
  });
});
