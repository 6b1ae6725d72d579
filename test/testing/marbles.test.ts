import { map, merge, timer, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createJob } from '../../src/executors/index.ts';
import { everyEpochs, everySteps } from '../../src/operators/index.ts';
import { guard, maxMemory, maxTime, violationOf, type Safeguard } from '../../src/sla/index.ts';
import { marbles } from '../../src/testing/index.ts';
import { failureOf } from './failure-of.ts';

describe('a safeguard', () => {
  it('is tested in five lines', () => {
    marbles(({ samples, expectViolations }) => {
      const guarded = { samples$: samples('         -3-6-n-7-4-8-|') };
      expectViolations(maxMemory(5), guarded).toBe('---v-------v-|', { v: { rule: 'memoryMb', limit: 5 } });
    });
  });

  it('takes its time from the test, however long', () => {
    marbles(({ expectViolations, evaluation }) => {
      const guarded = evaluation({ name: 'vs-random' });
      expectViolations(maxTime(1_800_000), guarded).toBe('30m (v|)', { v: { rule: 'evaluationTimeMs' } });
      expectViolations(maxTime(1_800_000, { action: 'warn' }), guarded).toBe('30m (w|)');
    });
  });

  it('is left when its subscriber leaves', () => {
    marbles(({ samples, expectViolations, expectSubscriptions }) => {
      const samples$ = samples('                                        -6-3-7-|');
      expectViolations(maxMemory(5), { samples$ }, '                    ^--!').toBe('-v-');
      expectSubscriptions(samples$).toBe('                              ^--!');
    });
  });

  it('is watched from the beginning where only its end is drawn', () => {
    marbles(({ samples, expectViolations, expectSubscriptions }) => {
      const samples$ = samples('                       -6-3-7-|');
      expectViolations(maxMemory(5), { samples$ }, '   ---!').toBe('-v-');
      expectSubscriptions(samples$).toBe('             ^--!');
    });
  });

  it('that errors is drawn with its error', () => {
    const broken: Safeguard = ({ samples$ }) =>
      samples$.pipe(
        map(() => {
          throw new RangeError('broken');
        }),
      );
    marbles(({ samples, expectViolations }) => {
      expectViolations(broken, { samples$: samples('-3') }).toBe('-#');
      expectViolations(broken, { samples$: samples('-3') }).toBe('-#', {}, { message: 'broken' });
    });
  });
});

describe('a violation that was not expected so', () => {
  const judged =
    (drawn: string, expected: string, values = {}, error?: unknown) =>
    () => {
      marbles(({ samples, expectViolations }) => {
        expectViolations(maxMemory(5), { samples$: samples(drawn) }).toBe(expected, values, error);
      });
    };

  it.each([
    ['is missing', '-3-|', '-v-|', 'expected  -v-|', 'actual    ---|'],
    ['is one too many', '-6-|', '---|', 'expected  ---|', 'actual    -v-|'],
    ['comes at another time', '-6--|', '--v-|', 'expected  --v-|', 'actual    -v--|'],
    ['does another thing', '-6-|', '-w-|', 'expected  -w-|', 'actual    -v-|'],
    ['has no end', '-6-', '-v-|', 'expected  -v-|', 'actual    -v'],
    ['comes long after', '- 90ms 6|', '-v|', 'expected  -v|', 'actual    91ms v|'],
  ])('%s: told as two drawings', (_, drawn, expected, ...lines) => {
    const { message, name } = failureOf(judged(drawn, expected));

    expect(name).toBe('AssertionError');
    expect(message).toMatch(/^The violations of maxMemory were to be as expected, but they differ:\n/);
    for (const line of lines) expect(message).toContain(`\n  ${line}\n`.trimEnd());
  });

  it('has another field: told by its name', () => {
    expect(failureOf(judged('-6-|', '-v-|', { v: { observed: 7 } })).message).toContain(
      '\n  v at 1 ms: observed was to be 7, but 6 came',
    );
  });

  it('is none that a guard would take: told as the error of its safeguard', () => {
    const halfTold: Safeguard = ({ samples$ }) => samples$.pipe(map(() => ({ rule: 'memoryMb', limit: 5 }) as never));
    const { message } = failureOf(() => {
      marbles(({ samples, expectViolations }) => {
        expectViolations(halfTold, { samples$: samples('-6-|') }).toBe('-v-|');
      });
    });

    expect(message).toContain(
      '\n  # at 1 ms: ConfigurationError: The violation that halfTold emitted: "observed" must be',
    );
  });

  it('is an error: told with its message', () => {
    expect(failureOf(judged('-#', '-v')).message).toContain('\n  actual    -#\n  # at 1 ms: error');
    expect(failureOf(judged('-#', '-#', {}, 'other')).message).toContain(
      "# at 1 ms: it was to be 'other', but 'error'",
    );
  });
});

describe('a run', () => {
  it('is drawn with the ends of its epochs, its steps and its ends', () => {
    marbles(({ run, expectObservable }) => {
      const drawn = (types: Observable<{ type: string; at: number }>) =>
        types.pipe(
          map(({ type, at, ...event }) => `${type}@${at} ${'step' in event ? String(event.step) : ''}`.trim()),
        );
      expectObservable(drawn(run('Rss1s2E|'))).toBe('abcdefg|', {
        a: 'run:start@0',
        b: 'step@1 1',
        c: 'step@2 2',
        d: 'epoch:end@3',
        e: 'step@4 3',
        f: 'epoch:end@5',
        g: 'training:end@6',
      });
    });
  });

  it('holds whatever a test says, and the rest is as usual', () => {
    marbles(({ run, expectObservable }) => {
      const run$ = run('-a|', { a: { type: 'evaluation:end', epoch: 4, result: { winRate: 0.6 } } });
      expectObservable(run$.pipe(map((event) => ({ ...event, usage: undefined })))).toBe('-a|', {
        a: {
          type: 'evaluation:end',
          seq: 1,
          at: 1,
          runId: 'run',
          evaluationId: 'e-1',
          name: 'evaluation',
          epoch: 4,
          step: 0,
          status: 'completed',
          items: { done: 0 },
          result: { winRate: 0.6 },
          usage: undefined,
        },
      });
    });
  });

  it('drives triggers', () => {
    marbles(({ epochs, steps, expectObservable }) => {
      const point = map(({ epoch, step }: { epoch: number; step: number }) => `${epoch}/${step}`);
      expectObservable(epochs('-1-2-3-a|', { a: { epoch: 8 } }).pipe(everyEpochs(2), point)).toBe('---a---b|', {
        a: '2/0',
        b: '8/0',
      });
      expectObservable(steps('-1-2-9|').pipe(everySteps(2), point)).toBe('---a-b|', { a: '1/2', b: '1/9' });
    });
  });
});

describe('an executor', () => {
  it('is killed by its guard: an unsubscription', () => {
    marbles(({ executor, evaluation, samples, expectObservable, expectSubscriptions }) => {
      const evaluate = executor('            ----------(r|)');
      const guarded = evaluation({ samples$: samples('--3-9') });
      const guarded$ = evaluate(createJob({ input: 1 })).pipe(guard([maxMemory(5)], guarded));
      const code$ = guarded$.pipe(map(() => 'answered'));
      expectObservable(merge(code$, timer(20))).toBe('     ----#', undefined, expect.anything());
      expectSubscriptions(evaluate).toBe('   ^---!');
      expect(evaluate.jobs).toMatchObject([{ input: 1 }]);
    }, { assertEqual: (actual, expected) => { expect(actual).toEqual(expected); } }); // prettier-ignore
  });

  it('answers, crashes or hangs as drawn, each time it is asked', () => {
    marbles(({ executor, expectObservable, expectSubscriptions }) => {
      const answers = executor('--(r|)', { r: { winRate: 0.6 } });
      expectObservable(answers(createJob({ input: 1 }))).toBe('--(r|)', { r: { winRate: 0.6 } });
      expectObservable(answers(createJob({ input: 2 })), '-^').toBe('---(r|)', { r: { winRate: 0.6 } });
      expectSubscriptions(answers).toBe(['^-!', '-^-!']);
      expectObservable(executor('--#', {}, new Error('x'))(createJob({ input: 1 }))).toBe('--#', {}, new Error('x'));
    });
  });
});

describe('a test that says nothing', () => {
  it.each([
    [
      'a drawing is missing',
      ({ expectViolations }) => void expectViolations(maxMemory(5)),
      /^expectViolations \(the 1/,
    ],
    ['of a stream', ({ expectObservable, hot }) => void expectObservable(hot('-')), /add \.toBe/],
    ['of subscriptions', ({ expectSubscriptions, hot }) => void expectSubscriptions(hot('-')), /^expectSubscriptions/],
    [
      'a marble has no value',
      ({ samples }) => void samples('-x'),
      /^The marble "x" has no value: give it one, \{ x: MB/,
    ],
    ['an event has no value', ({ run }) => void run('-?'), /^The marble "\?" has no value/],
    [
      'a violation has none',
      ({ expectViolations }) => {
        expectViolations(maxMemory(5)).toBe('-x');
      },
      /^The marble "x"/,
    ],
    [
      'a stream has a name that no safeguard knows',
      ({ samples, expectViolations }) => {
        expectViolations(maxMemory(5), { sample$: samples('-6-|') } as never).toBe('---');
      },
      /^The guarded evaluation of a marble test has an unknown field "sample\$": did you mean "samples\$"\?$/,
    ],
    [
      'a field is near to none',
      ({ evaluation }) => void evaluation({ temperature: 5 } as never),
      /unknown field "temperature": its fields are id, name, started\$, .*, run\$, scheduler\.$/,
    ],
    ['its body is async', async () => Promise.reject(new Error('lost')), /must get a synchronous function/],
  ] satisfies [string, Parameters<typeof marbles>[0], RegExp][])('%s: fails', (_, body, message) => {
    // prettier-ignore
    const failure = failureOf(() => {
      marbles(body);
    });

    expect(failure.name).toBe('ConfigurationError');
    expect(failure.message).toMatch(message);
  });
});

describe('what differs', () => {
  it('is told as two drawings with a legend', () => {
    const { message } = failureOf(() => {
      marbles(({ cold, expectObservable }) => {
        expectObservable(cold('-a-(b|)', { a: { loss: 1 }, b: 'x' })).toBe('-a--b|', { a: { loss: 2 }, b: 'x' });
      });
    });

    expect(message).toBe(
      [
        'The notifications were to be as expected, but they differ:',
        'expected  -a--x|',
        'actual    -b-(x|)',
        'a = { loss: 2 }',
        'b = { loss: 1 }',
      ].join('\n  '),
    );
  });

  it('is told of subscriptions too', () => {
    const { message } = failureOf(() => {
      marbles(({ hot, expectObservable, expectSubscriptions }) => {
        const source$ = hot('-a-|');
        expectObservable(source$).toBe('-a-|');
        expectSubscriptions(source$).toBe('^-!');
      });
    });

    expect(message).toContain('expected  ^-!\n  actual    ^--!');
  });

  it('is compared as the test wants', () => {
    const compared: unknown[] = [];
    marbles(({ hot, expectObservable }) => { expectObservable(hot('-a|')).toBe('-b|'); }, {
      assertEqual: (...pair) => compared.push(pair),
    }); // prettier-ignore
    expect(compared).toHaveLength(1);
  });
});

it('a function of its number reads what is drawn of telemetry', () => {
  marbles(({ samples, progress, expectObservable }) => {
    const shared = samples('3-n|', (cpuPercent) => ({ cpuPercent })).pipe(map(({ cpuPercent }) => cpuPercent));
    expectObservable(shared).toBe('a-n|', { a: 3, n: null });
    expectObservable(progress('-1-3|', (done) => ({ done, total: 9 }))).toBe('-a-b|', {
      a: { done: 1, total: 9 },
      b: { done: 3, total: 9 },
    });
  });
});

it('a violation that a safeguard makes by hand is of the evaluation', () => {
  marbles(({ progress, items, evaluation, expectViolations }) => {
    const resigned: Safeguard = (guarded) =>
      merge(guarded.progress$, guarded.items$).pipe(
        map(({ done }) =>
          violationOf(guarded, { rule: 'resigned', limit: 0, observed: done, unit: 'games', action: 'warn' }),
        ),
      );
    const guarded = evaluation({ id: 'e-7', progress$: progress('-1'), items$: items('--2-a', { a: 'game 4' }) });
    expectViolations(resigned, guarded).toBe('-wx-y', {
      w: { evaluationId: 'e-7', observed: 1, observedAt: 1 },
      x: { observed: 2 },
      y: { observed: 0 },
    });
  });
});
