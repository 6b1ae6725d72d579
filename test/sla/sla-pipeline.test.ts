import { EMPTY, map, NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/events/index.ts';
import { resolveSla, slaPipeline, type ItemState, type SlaInput, type SlaRule } from '../../src/sla/index.ts';
import { marbles } from '../operators/marbles.ts';
import { guardedIn, sample } from './guarded.ts';

const slaOf = (input: SlaInput) => resolveSla(input, 'the SLA of "vs-random"').sla;
const sla = slaOf({ evaluationTimeMs: 9, itemTimeMs: 4, memoryMb: 5 });

const items: Record<string, ItemState> = { a: { done: 0, running: { name: 'a', forMs: 0 } } };
const samples: Record<string, Sample> = { x: sample(6) };
const start = { s: undefined };
const told = { t: 'evaluationTimeMs abort', i: 'itemTimeMs abort', m: 'memoryMb abort', w: 'memoryMb warn' };

describe('slaPipeline', () => {
  it.each([
    ['without a start watches nothing', '-', '-a', 'x', '-'],
    ['tells each rule that is broken', '(s|)', '-a----|', '-x----|', '-m---i---(t|)'],
    ['watches from the start on', '---(s|)', '-a--a-|', '-x--x-|', '----m---i---(t|)'],
    ['passes an error of the start on', '--#', '-', '-', '--#'],
  ])('%s', (_case, started, itemsTold, samplesTold, expected) => {
    marbles(({ hot, cold, expectObservable, scheduler }) => {
      const guarded = guardedIn(scheduler, {
        started$: cold<undefined>(started, start),
        items$: hot(itemsTold, items),
        samples$: hot(samplesTold, samples),
      });
      expectObservable(slaPipeline(sla)(guarded).pipe(map(({ rule, action }) => `${rule} ${action}`))).toBe(
        expected,
        told,
      );
    })();
  });

  it('leaves out what is held elsewhere, asked when the work begins', () => {
    const asked: string[] = [];
    marbles(({ hot, cold, expectObservable, scheduler }) => {
      const held = (rule: SlaRule) => {
        asked.push(`${rule} at ${scheduler.now()}`);
        return rule === 'itemTimeMs';
      };
      const guarded = guardedIn(scheduler, {
        started$: cold<undefined>('--(s|)', start),
        items$: hot('---a---|', items),
        samples$: hot('---x---|', samples),
      });
      expectObservable(slaPipeline(sla, { heldElsewhere: held })(guarded).pipe(map(({ rule }) => rule[0]))).toBe(
        '---m-------(e|)',
      );
    })();
    expect(asked).toEqual(['evaluationTimeMs at 2', 'itemTimeMs at 2', 'memoryMb at 2', 'gpuUtilizationPercent at 2']);
  });

  it(
    'watches a rule that only warns itself, whoever holds the hard ones',
    marbles(({ hot, expectObservable, scheduler }) => {
      const warning = slaPipeline(slaOf({ memoryMb: { limit: 5, action: 'warn' } }), { heldElsewhere: () => true });
      const guarded = guardedIn(scheduler, { samples$: hot('-x-x|', samples) });
      expectObservable(warning(guarded).pipe(map(({ rule, action }) => `${rule} ${action}`))).toBe('-w--|', told);
    }),
  );

  it.each([
    [true, '|'],
    [false, '-w--|'],
  ])('leaves a warning of what is sampled to who measures it: %s', (isHeld, expected) => {
    marbles(({ hot, expectObservable, scheduler }) => {
      const sla = slaOf({ gpuMemoryMb: { limit: 5, action: 'warn' } });
      const warning = slaPipeline(sla, { heldElsewhere: (rule) => rule !== 'gpuMemoryMb' || isHeld });
      const much = { ...samples.x!, gpuMemoryMb: 6 };
      const guarded = guardedIn(scheduler, { samples$: hot('-x-x|', { x: much }) });
      expectObservable(warning(guarded).pipe(map(({ rule, action }) => `${rule} ${action}`))).toBe(expected, {
        w: 'gpuMemoryMb warn',
      });
    })();
  });

  // Given a part of the rules, it failed where nobody heard of it, and held nothing.
  it(
    'takes the rules as they are written, and what is left out at its default',
    marbles(({ hot, expectObservable, scheduler }) => {
      const guarded = guardedIn(scheduler, { samples$: hot('-x-x|', samples) });
      expectObservable(slaPipeline({ memoryMb: 5 })(guarded).pipe(map(({ rule }) => rule[0]))).toBe('-m-- 1799996ms e');
    }),
  );

  it.each([
    [{ memryMb: 5 }, 'unknown key "memryMb": did you mean "memoryMb"?'],
    [{ memoryMb: '5MB' }, '"memoryMb" must be a number above 0'],
    [7, 'must be an object, but 7 came'],
  ])('refuses the rules %j', (rules, sentence) => {
    expect(() => slaPipeline(rules as SlaInput)).toThrow(`The SLA of slaPipeline`);
    expect(() => slaPipeline(rules as SlaInput)).toThrow(sentence);
  });

  it(
    'leaves everything when its subscriber leaves',
    marbles(({ hot, expectObservable, expectSubscriptions, scheduler }) => {
      const items$ = hot('-a', items);
      const samples$ = hot('-x', samples);
      const guarded = guardedIn(scheduler, { items$, samples$ });
      expectObservable(slaPipeline(sla)(guarded).pipe(map(({ rule }) => rule[0])), '^--!').toBe('-m-');
      expectSubscriptions(items$.subscriptions).toBe('^--!');
      // By the rule about memory, and by the one about the GPU.
      expectSubscriptions(samples$.subscriptions).toBe(['^--!', '^--!']);
    }),
  );

  it(
    'goes on with the other rules when the stream of one fails, and errors last',
    marbles(({ expectObservable, scheduler }) => {
      const failing = new Error('no /proc');
      const guarded = guardedIn(scheduler, { samples$: throwError(() => failing), items$: EMPTY });
      expectObservable(slaPipeline(sla)(guarded).pipe(map(({ rule }) => rule[0]))).toBe(
        '---------(e#)',
        undefined,
        failing,
      );
    }),
  );

  it(
    'errors with what heldElsewhere throws',
    marbles(({ expectObservable, scheduler }) => {
      const failing = () => {
        throw new Error('gone');
      };
      const pipeline = slaPipeline(sla, { heldElsewhere: failing });
      expectObservable(pipeline(guardedIn(scheduler, { items$: NEVER }))).toBe('#', undefined, new Error('gone'));
    }),
  );
});
