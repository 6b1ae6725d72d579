import { defer, EMPTY, NEVER, of, range, Subject, take, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import type { Violation } from '../../src/events/index.ts';
import { EvaluationError, guard, maxTime, type GuardOptions, type Safeguard } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { marbles, unexpected } from '../operators/marbles.ts';
import { violation } from './guarded.ts';

const emitted = { w: violation('warn'), v: violation('abort'), V: violation('abort', { rule: 'another' }) };

/** The error of a kill at `at`, which nothing had to be waited for. */
function killed(at: number, goneAt = at, cause?: unknown): EvaluationError {
  return EvaluationError.ofViolation({ ...emitted.v, killedAt: at, goneAt }, { cause });
}

describe('guard', () => {
  it.each([
    ['never', '-', '-', '-', '^'],
    ['empty', '--|', '-', '--|', '^-!'],
    ['one', '--(r|)', '-', '--(r|)', '^-!'],
    ['many, of which the first is the answer', '--r-r-r|', '---v', '--r-r-r|', '^------!'],
    ['an error of the source', '--#', '---v', '--#', '^-!'],
    ['an answer before the violation', '--(r|)', '---v', '--(r|)', '^-!'],
    ['an answer, and a completion after the violation', '--r--|', '---v', '--r--|', '^----!'],
    ['an answer after the violation', '----(r|)', '---v', '---#', '^--!'],
    ['a completion after the violation', '----|', '---v', '---#', '^--!'],
    ['an error after the violation', '----#', '---v', '---#', '^--!'],
    ['a warning before the answer', '----(r|)', '-w', '----(r|)', '^---!'],
    ['warnings before the violation', '------(r|)', '-w-w-v', '-----#', '^----!'],
    ['safeguards that end', '----(r|)', '-|', '----(r|)', '^---!'],
    ['safeguards that fail', '----(r|)', '-#', '----(r|)', '^---!'],
  ])('takes %s', (_case, source, safeguard, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source$ = cold(source);
      const safeguard$ = cold<Violation>(safeguard, emitted);
      const error = expected.includes('#') && !source.startsWith(expected) ? killed(expected.indexOf('#')) : 'error';
      expectObservable(source$.pipe(guard([() => safeguard$], { scheduler }))).toBe(expected, undefined, error);
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
  });

  it.each([
    ['when the source answers', '---(r|)', '-w', '', '^--!'],
    ['at the answer, though the source goes on', '---r----', '-w', '^-------!', '^--!'],
    ['when the source errors', '---#', '-w', '', '^--!'],
    ['when the source completes', '---|', '-w', '', '^--!'],
    ['when one of them aborts', '-----', '--v', '', '^-!'],
    ['when the subscriber leaves', '-----', '-w', '^---!', '^---!'],
  ])('lets the safeguards go %s', (_case, source, safeguard, until, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler, flush }) => {
      const safeguard$ = cold<Violation>(safeguard, emitted);
      const other$ = cold<Violation>('-');
      const source$ = cold(source);
      const guarded$ = source$.pipe(guard([() => safeguard$, () => other$], { scheduler }));
      if (until === '') guarded$.subscribe({ error: () => undefined });
      else expectObservable(guarded$, until).toBe(source.replace('|', '-').slice(0, until.length));
      expectSubscriptions(safeguard$.subscriptions).toBe(subscription);
      expectSubscriptions(other$.subscriptions).toBe(subscription);
      flush();
    })();
  });

  it(
    'unsubscribes from the source when its subscriber leaves',
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source$ = cold('-----(r|)');
      expectObservable(source$.pipe(guard([() => NEVER], { scheduler })), '^--!').toBe('----');
      expectSubscriptions(source$.subscriptions).toBe('^--!');
    }),
  );

  it(
    'lets the first of two violations decide, and the order of the safeguards where they come together',
    marbles(({ cold, expectObservable, scheduler }) => {
      const first = () => cold<Violation>('---v-V', emitted);
      const second = () => cold<Violation>('---V', emitted);
      expectObservable(NEVER.pipe(guard([first, second], { scheduler }))).toBe('---#', undefined, killed(3));
    }),
  );

  it.each([
    ['before the deadline', '-(r|)', '-(r|)'],
    ['at exactly the deadline', '--(r|)', '--(r|)'],
    ['after the deadline', '---(r|)', '--#'],
    ['never', '-', '--#'],
  ])('holds a time limit against an answer that comes %s', (_case, source, expected) => {
    marbles(({ cold, expectObservable, scheduler }) => {
      const error = EvaluationError.ofViolation({
        rule: 'evaluationTimeMs',
        limit: 2,
        observed: 2,
        unit: 'ms',
        action: 'abort',
        evaluationId: 'evaluation',
        observedAt: 2,
        deadlineAt: 2,
        killedAt: 2,
        goneAt: 2,
        lateByHostMs: 0,
        pausedMs: 0,
        message: '"evaluation" had not answered 2 ms after its start (evaluationTimeMs)',
      });
      expectObservable(cold(source).pipe(guard([maxTime(2)], { scheduler }))).toBe(expected, undefined, error);
    })();
  });

  it('gives the error the kind, the code, and the violation with its moments', () => {
    const clock = new VirtualClock({ wallMs: 7_000 });
    const violations$ = new Subject<Violation>();
    let caught: unknown;
    NEVER.pipe(guard([() => violations$], { scheduler: schedulerOf(clock) })).subscribe({
      error: (error: unknown) => (caught = error),
    });
    violations$.next(violation('abort'));
    expect(caught).toBeInstanceOf(EvaluationError);
    expect(caught).toMatchObject({
      kind: 'violation',
      code: 'SLA_VIOLATION',
      message: 'resignations: 2 games observed, the limit is 1 games',
      violation: { rule: 'resignations', killedAt: 7_000, goneAt: 7_000 },
    });
  });

  it('begins no source that is synchronously forbidden', () => {
    let begun = 0;
    let caught: unknown;
    const order: string[] = [];
    const source$ = defer(() => of(`answer ${++begun}`));
    const second: Safeguard = () => (order.push('second'), EMPTY);
    const guarded$ = guard<string>([() => of(violation('abort'), violation('abort')), second], {
      onViolation: () => order.push('told'),
    })(source$);
    guarded$.subscribe({ error: (error: unknown) => (caught = error) });
    expect(caught).toBeInstanceOf(EvaluationError);
    expect(begun).toBe(0);
    expect(order).toEqual(['told']);
  });

  it('subscribes to every safeguard before the source', () => {
    const order: string[] = [];
    const watching =
      (name: string): Safeguard =>
      () => (order.push(name), NEVER);
    of('answer')
      .pipe(guard([watching('first'), watching('second')]))
      .subscribe({ next: (value) => order.push(value), complete: () => order.push('completed'), error: unexpected });
    expect(order).toEqual(['first', 'second', 'answer', 'completed']);
  });

  it('can be left in the middle of a synchronous source', () => {
    let produced = 0;
    const endless$ = range(1, 1_000_000);
    endless$.pipe(guard([() => NEVER]), take(2)).subscribe({ next: () => produced++, error: unexpected });
    expect(produced).toBe(2);
  });
});

describe('guard with an execution that takes aborts', () => {
  it.each([
    ['errors when it is gone', '-----#', '^----!', 'error'],
    ['answers nevertheless', '-----(r|)', '^----!', undefined],
    ['answers and lives on', '-----r---', '^----!', undefined],
    ['completes', '-----|', '^----!', undefined],
  ])('waits until the source %s, and the violation is the error', (_case, source, subscription, cause) => {
    const aborts: Violation[] = [];
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source$ = cold(source);
      const abort = (of: Violation) => aborts.push(of) > 0;
      const guarded$ = source$.pipe(guard([() => cold<Violation>('--v-v', emitted)], { scheduler, abort }));
      expectObservable(guarded$).toBe('-----#', undefined, killed(2, 5, cause));
      expectSubscriptions(source$.subscriptions).toBe(subscription);
    })();
    expect(aborts).toEqual([emitted.v]);
  });

  it(
    'takes the moments from an executor that reaped for this very rule',
    marbles(({ cold, expectObservable, scheduler }) => {
      const reaped = EvaluationError.ofViolation({
        ...emitted.v,
        observed: 9,
        killedAt: 1,
        goneAt: 4,
        starved: true,
        pausedMs: 2,
      });
      const source$ = cold('-----#', undefined, reaped);
      const guarded$ = source$.pipe(guard([() => cold<Violation>('--v', emitted)], { scheduler, abort: () => true }));
      const whole = { ...emitted.v, killedAt: 1, goneAt: 4, starved: true, pausedMs: 2 };
      expectObservable(guarded$).toBe('-----#', undefined, EvaluationError.ofViolation(whole, { cause: reaped }));
    }),
  );

  it(
    'keeps the first violation where the executor then tells of another',
    marbles(({ cold, expectObservable, scheduler }) => {
      const other = EvaluationError.ofViolation({ ...emitted.V, killedAt: 3, goneAt: 4 });
      const source$ = cold('-----#', undefined, other);
      const guarded$ = source$.pipe(guard([() => cold<Violation>('--v', emitted)], { scheduler, abort: () => true }));
      expectObservable(guarded$).toBe('-----#', undefined, killed(2, 5, other));
    }),
  );

  it.each([
    ['takes none', () => false],
    [
      'throws',
      () => {
        throw new Error('channel closed');
      },
    ],
  ])('unsubscribes from one that %s', (_case, abort) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source$ = cold('-----#');
      const guarded$ = source$.pipe(guard([() => cold<Violation>('--v', emitted)], { scheduler, abort }));
      expectObservable(guarded$).toBe('--#', undefined, killed(2));
      expectSubscriptions(source$.subscriptions).toBe('^-!');
    })();
  });

  it(
    'can be left while it waits',
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source$ = cold('-----#');
      const guarded$ = source$.pipe(guard([() => cold<Violation>('--v', emitted)], { scheduler, abort: () => true }));
      expectObservable(guarded$, '^--!').toBe('----');
      expectSubscriptions(source$.subscriptions).toBe('^--!');
    }),
  );

  it('tells the violation before the error also where the execution is gone within the abort', () => {
    const order: string[] = [];
    const source$ = new Subject<string>();
    const violations$ = new Subject<Violation>();
    source$
      .pipe(
        guard([() => violations$], {
          abort: () => {
            order.push('abort');
            source$.error(new Error('gone'));
            return true;
          },
          onViolation: () => order.push('told'),
        }),
      )
      .subscribe({ error: () => order.push('error') });
    violations$.next(violation('abort'));
    expect(order).toEqual(['abort', 'told', 'error']);
  });

  it('subscribes to a source whose abort was accepted before it had begun', () => {
    const source$ = new Subject<string>();
    const seen: string[] = [];
    source$
      .pipe(guard([() => of(violation('abort'))], { abort: () => true }))
      .subscribe({ next: (value) => seen.push(value), error: () => seen.push('error') });
    expect(source$.observed).toBe(true);
    source$.next('r');
    expect(seen).toEqual(['error']);
    expect(source$.observed).toBe(false);
  });
});

describe('guard tells', () => {
  interface Told {
    readonly violations: Violation[];
    readonly failures: string[];
  }

  function listening(more: GuardOptions = {}): GuardOptions & { readonly told: Told } {
    const told: Told = { violations: [], failures: [] };
    return {
      ...more,
      told,
      onViolation: (each) => told.violations.push(each),
      onSafeguardError: (error, safeguard) => told.failures.push(`${safeguard}: ${(error as Error).message}`),
    };
  }

  it('the violation that ends when the work has been ended already', () => {
    const source$ = new Subject<string>();
    const violations$ = new Subject<Violation>();
    const running: boolean[] = [];
    const onViolation = () => running.push(source$.observed);
    source$.pipe(guard([() => violations$], { onViolation })).subscribe({ error: () => undefined });
    violations$.next(violation('warn'));
    violations$.next(violation('abort'));
    expect(running).toEqual([true, false]);
  });

  it('each violation once, also the one that ends', () => {
    const listener = listening();
    const violations$ = new Subject<Violation>();
    NEVER.pipe(guard([() => violations$], listener)).subscribe({ error: () => undefined });
    for (const each of [emitted.w, emitted.w, emitted.v, emitted.w, emitted.v]) violations$.next(each);
    expect(listener.told.violations).toEqual([emitted.w, emitted.w, emitted.v]);
    expect(violations$.observed).toBe(false);
  });

  it.each<[string, Safeguard, string]>([
    [
      'throws',
      function noGpu() {
        throw new Error('no GPU');
      },
      'noGpu: no GPU',
    ],
    ['errors', Object.assign(() => throwError(() => new Error('no GPU'))), 'safeguard 1: no GPU'],
    ['gives no Observable', (() => 3) as never, 'safeguard 1: You provided'],
    ['emits null', (() => of(null)) as never, 'safeguard 1: The violation that safeguard 1 emitted: "rule" must be'],
    [
      'emits half a violation',
      (() => of({ rule: 'x', limit: 1, unit: 'ms', action: 'abort' })) as never,
      'safeguard 1: The violation that safeguard 1 emitted: "observed" must be',
    ],
    [
      'asks for what there is not',
      (() => of({ ...violation('warn'), action: 'restart' })) as never,
      'safeguard 1: The violation that safeguard 1 emitted: "action" must be "abort" or "warn" (only rules of the SLA throttle), but "restart" came',
    ],
    [
      'asks for a throttle, which nobody would hold',
      () => of(violation('throttle')),
      'safeguard 1: The violation that safeguard 1 emitted: "action" must be "abort" or "warn" (only rules of the SLA throttle), but "throttle" came',
    ],
  ])('of a safeguard that %s, and the others watch on', (_case, broken, failure) => {
    const listener = listening();
    const violations$ = new Subject<Violation>();
    const errors: unknown[] = [];
    NEVER.pipe(guard([broken, () => violations$], listener)).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    expect(listener.told.failures).toHaveLength(1);
    expect(listener.told.failures[0]).toContain(failure);
    expect(errors).toEqual([]);
    violations$.next(violation('abort'));
    expect(errors).toHaveLength(1);
  });

  it.each([
    [undefined, 'guard(safeguards) must get an array of safeguards, but undefined came: guard([maxTime(10_000)]).'],
    [maxTime(5), /must get an array of safeguards, but a function came/],
    [
      [maxTime(5), 'memory'],
      'guard(safeguards): "safeguards[1]" must be a safeguard, a function of the guarded evaluation, but "memory" came.',
    ],
  ])('at once what is no list of safeguards: %o', (given, sentence) => {
    expect(() => guard(given as never)).toThrow(sentence);
  });

  it('at once a misspelt stream, and leaves what else an object has', () => {
    const misspelt = { sample$: NEVER } as GuardOptions;
    const richer = { samples$: NEVER, epoch: 4, model: {}, pid: 7 } as GuardOptions;

    expect(() => guard([], misspelt)).toThrow(
      'The evaluation of guard has an unknown field "sample$": did you mean "samples$"?',
    );
    expect(() => guard([], richer)).not.toThrow();
  });

  it('what all violations of an evaluation have in common, where a safeguard leaves it out', () => {
    const clock = new VirtualClock({ wallMs: 900 });
    const listener = listening({ id: 'e-7', scheduler: schedulerOf(clock) });
    const short = { rule: 'x', limit: 1, observed: 2, unit: 'ms', action: 'warn' } as Violation;
    const subscription = NEVER.pipe(guard([() => of(short)], listener)).subscribe({ error: unexpected });
    expect(listener.told.violations).toEqual([
      {
        ...short,
        evaluationId: 'e-7',
        observedAt: 900,
        lateByHostMs: 0,
        pausedMs: 0,
        message: 'x: 2 ms observed, the limit is 1 ms',
      },
    ]);
    subscription.unsubscribe();
  });

  it('nobody who throws: the verdict stands', () => {
    const failing = () => {
      throw new Error('the listener is broken');
    };
    const violations$ = new Subject<Violation>();
    const errors: unknown[] = [];
    NEVER.pipe(
      guard([() => throwError(() => new Error('no GPU')), () => violations$], {
        onViolation: failing,
        onSafeguardError: failing,
      }),
    ).subscribe({
      error: (error: unknown) => errors.push(error),
    });
    violations$.next(violation('warn'));
    expect(errors).toEqual([]);
    violations$.next(violation('abort'));
    expect(errors).toEqual([expect.any(EvaluationError)]);
  });

  it('who leaves or answers in the middle of being told', () => {
    const violations$ = new Subject<Violation>();
    const source$ = new Subject<string>();
    const seen: string[] = [];
    const guarded$: Observable<string> = source$.pipe(
      guard([() => violations$], {
        onViolation: ({ action }) => {
          seen.push(action);
          if (action === 'warn') violations$.next(violation('abort'));
          else subscription.unsubscribe();
        },
      }),
    );
    const subscription = guarded$.subscribe({ error: () => seen.push('error') });
    violations$.next(violation('warn'));
    expect(seen).toEqual(['warn', 'abort']);
    expect(source$.observed).toBe(false);
  });
});
