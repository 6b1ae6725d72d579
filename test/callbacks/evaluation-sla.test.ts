import { EMPTY, map, NEVER, Observable, of, throwError, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { clockOf, schedulerOf } from '../../src/clock/index.ts';
import type { Violation } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/inline-executor.ts';
import type { Executor, HardRule } from '../../src/executors/index.ts';
import { EvaluationError, maxTime, type Safeguard } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

const violationOf = (fields: Partial<Violation> = {}): Violation => ({
  rule: 'mine',
  limit: 1,
  observed: 2,
  unit: 'x',
  action: 'abort',
  evaluationId: 'vs-1-1',
  observedAt: 5,
  lateByHostMs: 0,
  pausedMs: 0,
  ...fields,
});

const marbles = (test: (helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0], run: FakeRun) => void): void => {
  const scheduler = new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
  scheduler.run((helpers) => {
    test(helpers, new FakeRun(clockOf(scheduler)));
  });
};

describe('an evaluation in marbles', () => {
  it.each([
    ['ends by itself', '---(r|)', '^--!', 'completed', 3],
    ['is killed at its time limit', '----------', '^----!', 'violated', 5],
    ['is in time at exactly its limit', '-----(r|)', '^----!', 'completed', 5],
    ['keeps its answer, and is let go after the grace', '--r-----', '^----!', 'completed', 5],
    ['answers once: a second answer ends it', '--r-s---', '^---!', 'completed', 4],
    ['fails', '--#', '^-!', 'failed', 2],
  ])('%s', (_, source, subscription, status, wallMs) => {
    marbles(({ cold, expectSubscriptions, flush }, run) => {
      const source$ = cold(source);
      run.connect(
        evaluation({ name: 'vs', every: 1, executor: () => source$, sla: { evaluationTimeMs: 5 }, graceMs: 3 }),
      );

      run.epochEnd(1);
      flush();

      expectSubscriptions(source$.subscriptions).toBe(subscription);
      const [end] = run.of('evaluation:end');
      expect(end).toMatchObject({ status, usage: { wallMs } });
      if (status === 'completed') expect(end!.result).toBe('r');
      expectConserved(run);
    });
  });

  it('cancel: a new request is the kill of the one before', () => {
    marbles(({ cold, hot, expectSubscriptions, flush }, run) => {
      const source$ = cold('------(r|)');
      run.connect(evaluation({ name: 'vs', every: 1, overlap: 'cancel', executor: () => source$ }));

      hot('-a-b-|', { a: 1, b: 2 }).subscribe((epoch) => {
        run.epochEnd(epoch);
      });
      flush();

      expectSubscriptions(source$.subscriptions).toBe(['-^-!', '---^-----!']);
      expect(run.story.slice(-1)).toEqual(['end 2 completed']);
    });
  });
});

describe('the SLA of an evaluation', () => {
  it('tells a violation before the end, with the kill in it', async () => {
    const clock = new VirtualClock({ wallMs: 1000 });
    const run = new FakeRun(clock);
    run.connect(evaluation({ name: 'vs', every: 1, executor: () => NEVER, sla: { evaluationTimeMs: 50 } }));

    run.epochEnd(1);
    await clock.advance(60);

    const [told] = run.of('sla:violation');
    const [end] = run.of('evaluation:end');
    expect(told!.violation).toMatchObject({
      rule: 'evaluationTimeMs',
      limit: 50,
      action: 'abort',
      evaluationId: 'vs-1-1',
      deadlineAt: 1050,
      killedAt: 1050,
      goneAt: 1050,
    });
    expect(end).toMatchObject({ status: 'violated', violation: told!.violation, error: { kind: 'violation' } });
    expect((told as { seq: number }).seq).toBe((end as { seq: number }).seq - 1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('aborts an executor that takes aborts, and ends when it is gone', async () => {
    const clock = new VirtualClock({ wallMs: 1000 });
    const run = new FakeRun(clock);
    const executor: Executor = (job) =>
      new Observable((subscriber) =>
        job.onAbort((reason) => {
          clock.setTimeout(() => {
            subscriber.error(EvaluationError.ofViolation({ ...(reason as Violation), killedAt: 1051, goneAt: 1070 }));
          }, 20);
        }),
      );
    run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { evaluationTimeMs: 50 } }));

    run.epochEnd(1);
    await clock.advance(69);
    expect(run.of('evaluation:end')).toEqual([]);
    await clock.advance(1);

    expect(run.of('sla:violation')).toHaveLength(1);
    expect(run.of('evaluation:end')[0]).toMatchObject({
      status: 'violated',
      violation: { rule: 'evaluationTimeMs', goneAt: 1070 },
    });
  });

  // The violation said 0 of an evaluation whose end told of pauses, and the breaker opened for our own.
  it.each([
    [26, 0],
    [25, 1],
  ])("tells of a user's deadline that %i of 100 ms were paused: the breaker counts %i", async (pausedMs, counted) => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const executor: Executor = (job) =>
      new Observable((subscriber) =>
        job.onAbort(() => {
          job.telemetry.next({ type: 'usage', usage: { pausedMs } });
          subscriber.error(new Error('I was stopped'));
        }),
      );
    const vs = evaluation({ name: 'vs', every: 1, executor, safeguards: [maxTime(100)] });
    run.connect(vs);

    run.epochEnd(1);
    await clock.advance(100);

    expect(run.of('sla:violation')).toMatchObject([{ violation: { rule: 'evaluationTimeMs', pausedMs } }]);
    expect(run.of('evaluation:end')).toMatchObject([
      { status: 'violated', violation: { pausedMs }, usage: { pausedMs } },
    ]);
    expect(vs.breaker?.metrics.failedCalls).toBe(counted);
  });

  it('tells the violation that an executor reports for itself', () => {
    const run = new FakeRun(new VirtualClock());
    const violation = violationOf({ rule: 'memoryMb', killedAt: 10, goneAt: 14 });
    run.connect(
      evaluation({ name: 'vs', every: 1, executor: () => throwError(() => EvaluationError.ofViolation(violation)) }),
    );

    run.epochEnd(1);

    expect(run.of('sla:violation')).toMatchObject([{ violation }]);
    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'violated', violation, usage: { goneMs: 4 } });
  });

  it('holds what an executor has not accepted to hold, and leaves it what it has', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const holding =
      (enforces: ('evaluationTimeMs' | 'memoryMb')[]): Executor =>
      (job) =>
        new Observable((subscriber) => {
          job.telemetry.next({ type: 'accepted', enforces });
          job.telemetry.next({ type: 'started' });
          const answer = timer(30, schedulerOf(clock)).subscribe(() => {
            job.telemetry.next({ type: 'usage', usage: {} });
            subscriber.next('r');
            subscriber.complete();
          });
          return () => {
            if (!answer.closed) job.telemetry.next({ type: 'usage', usage: {} });
            answer.unsubscribe();
          };
        });
    const sla = { evaluationTimeMs: 10 };
    run.connect(evaluation({ name: 'held', every: 1, sla, executor: holding(['evaluationTimeMs']) }));
    run.connect(evaluation({ name: 'not-held', every: 1, sla, executor: holding(['memoryMb']) }));

    run.epochEnd(1);
    await clock.advance(40);

    expect(run.of('evaluation:end').map(({ name, status }) => [name, status])).toEqual([
      ['not-held', 'violated'],
      ['held', 'completed'],
    ]);
  });

  it('tells a warning, and the evaluation goes on', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    run.connect(
      evaluation({
        name: 'vs',
        every: 1,
        sla: { evaluationTimeMs: { limit: 10, action: 'warn' } },
        executor: () => timer(30, schedulerOf(clock)).pipe(map(() => 'r')),
      }),
    );

    run.epochEnd(1);
    await clock.advance(30);

    expect(run.of('sla:violation')).toMatchObject([{ violation: { rule: 'evaluationTimeMs', action: 'warn' } }]);
    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'completed' });
    expect(run.of('evaluation:end')[0]).not.toHaveProperty('violation');
  });

  it.each([
    ['an executor that measures it', ['cpuPercent'], ['by the executor']],
    ['the host, of one that does not', [], ['"vs" used 90 % of a core, and its limit is 50 % (cpuPercent)']],
    [
      'the host, of one that says nothing of itself',
      undefined,
      ['"vs" used 90 % of a core, and its limit is 50 % (cpuPercent)'],
    ],
  ] as [string, HardRule[] | undefined, string[]][])(
    'has a warning of what is sampled told once, by %s',
    async (_, enforces, expected) => {
      const clock = new VirtualClock();
      const run = new FakeRun(clock);
      const cpuPercent = { limit: 50, action: 'warn', sustainMs: 0 } as const;
      run.connect(
        evaluation({
          name: 'vs',
          every: 1,
          sla: { cpuPercent },
          executor: (job) =>
            new Observable((subscriber) => {
              const { telemetry, id: evaluationId } = job;
              if (enforces !== undefined) {
                telemetry.next({ type: 'accepted', enforces });
                telemetry.next({ type: 'started' });
              }
              const measured = { memoryMb: 1, cpuPercent: 90, gpuUtilizationPercent: 0, gpuMemoryMb: 0 };
              telemetry.next({ type: 'sample', ...measured });
              const violation = {
                rule: 'cpuPercent',
                limit: 50,
                observed: 90,
                unit: '%',
                action: 'warn',
                evaluationId,
                observedAt: 0,
                lateByHostMs: 0,
                pausedMs: 0,
                message: 'by the executor',
              } as const;
              if (enforces?.includes('cpuPercent') && job.limits.cpuPercent?.action === 'warn')
                telemetry.next({ type: 'throttled', violation });
              telemetry.next({ type: 'sample', ...measured });
              telemetry.next({ type: 'usage', usage: {} });
              subscriber.next('r');
              subscriber.complete();
            }),
        }),
      );
      run.epochEnd(1);
      await clock.advance(1);

      expect(run.of('sla:violation').map(({ violation }) => violation.message)).toEqual(expected);
    },
  );

  it('ends an evaluation by a safeguard of the user, which sees samples and the run', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const seen: string[] = [];
    const mine: Safeguard = ({ samples$, run$ }) =>
      new Observable((subscriber) => {
        subscriber.add(run$.subscribe(({ type }) => seen.push(type)));
        subscriber.add(
          samples$.subscribe(({ memoryMb }) => {
            subscriber.next(violationOf({ observed: memoryMb ?? 0 }));
          }),
        );
      });
    const executor: Executor = (job) =>
      new Observable(() =>
        clock.setTimeout(() => {
          job.telemetry.next({ type: 'sample', memoryMb: 9, cpuPercent: 0, gpuUtilizationPercent: 0, gpuMemoryMb: 0 });
        }, 5),
      );
    run.connect(evaluation({ name: 'vs', every: 1, safeguards: [mine], sla: false, executor }));

    run.epochEnd(1);
    await clock.advance(5);

    expect(seen).toContain('evaluation:start');
    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'violated', violation: { rule: 'mine', observed: 9 } });
  });

  it('goes on when a safeguard throws, and says so', () => {
    const run = new FakeRun(new VirtualClock());
    const bad: Safeguard = () => {
      throw new Error('oh');
    };
    run.connect(evaluation({ name: 'vs', every: 1, safeguards: [bad], sla: false, executor: () => of('r') }));

    run.epochEnd(1);

    expect(run.of('callback:error')).toMatchObject([{ callback: 'vs', error: { message: 'bad: oh' } }]);
    expect(run.of('sla:unmeasured')).toMatchObject([{ rule: 'bad' }]);
    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'completed' });
  });

  // The SLA's own safeguard stands before them, so that the first was told as the second.
  it.each([undefined, false] as const)(
    'tells one without a name by its place among its own, with the SLA %s',
    (sla) => {
      const run = new FakeRun(new VirtualClock());
      const safeguards: Safeguard[] = [
        () => {
          throw new Error('oh');
        },
        maxTime(5),
      ];
      run.connect(
        evaluation({
          name: 'vs',
          every: 1,
          safeguards,
          executor: () => of('r'),
          ...(sla === undefined ? {} : { sla }),
        }),
      );

      run.epochEnd(1);

      expect(run.of('callback:error')).toMatchObject([{ error: { message: 'safeguard 1: oh' } }]);
    },
  );

  it('tells a default rule that the executor cannot hold, once, and gives it no limit', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const limits: unknown[] = [];
    const executor = inlineExecutor(() => Promise.resolve('r'), { clock });
    const watched: Executor = Object.assign((job: Parameters<typeof executor>[0]) => {
      limits.push(job.limits);
      return executor(job);
    }, executor);
    run.connect(evaluation({ name: 'vs', every: 1, executor: watched }));

    for (const epoch of [1, 2]) {
      run.epochEnd(epoch);
      await clock.advance(1);
    }

    expect(run.of('sla:unenforceable').map(({ rule }) => rule)).toEqual([
      'memoryMb',
      'gpuUtilizationPercent',
      'trainingImpactPercent',
      'startTimeMs',
    ]);
    expect(run.of('sla:unmeasured').map(({ rule }) => rule)).toEqual(['itemTimeMs']);
    expect(limits[0]).toEqual({ evaluationTimeMs: 1_800_000, itemTimeMs: 300_000 });
    expect(run.story.at(-1)).toBe('end 2 completed');
  });

  it('ends inline code at its item limit', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const executor = inlineExecutor(
      (_, { item, signal }) =>
        item(
          'game 1',
          () =>
            new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                reject(new Error('aborted'));
              });
            }),
        ),
      { clock },
    );
    run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { itemTimeMs: 100 } }));

    run.epochEnd(1);
    await clock.advance(101);

    expect(run.of('evaluation:end')[0]).toMatchObject({
      status: 'violated',
      violation: { rule: 'itemTimeMs', limit: 100 },
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps the violation of what is unregistered while it is being reaped', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const executor: Executor = (job) => new Observable(() => job.onAbort(() => undefined));
    const subscription = run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { evaluationTimeMs: 5 } }));

    run.epochEnd(1);
    await clock.advance(10);
    subscription!.unsubscribe();

    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'violated', violation: { rule: 'evaluationTimeMs' } });
  });

  it.each<[string, Executor]>([
    [
      'finalizer',
      () =>
        new Observable(() => () => {
          throw new Error('bad end');
        }),
    ],
    [
      'abort listener',
      (job) =>
        new Observable(() =>
          job.onAbort(() => {
            throw new Error('bad end');
          }),
        ),
    ],
  ])('goes on when the %s of an executor throws', (what, executor) => {
    const run = new FakeRun(new VirtualClock());
    run.connect(evaluation({ name: 'vs', every: 1, overlap: 'cancel', executor }));

    run.epochEnd(1);
    run.epochEnd(2);
    run.cancel('enough');

    expect(run.story.filter((each) => each.startsWith('end'))).toEqual(['end 1 cancelled', 'end 2 cancelled']);
    expect(run.of('callback:error')).toHaveLength(what === 'abort listener' ? 2 : 0);
    expectConserved(run);
  });

  it('never runs past an executor that completes empty: the next one is let through a half-open breaker', async () => {
    const clock = new VirtualClock();
    const run = new FakeRun(clock);
    const answers = [throwError(() => new Error('broken')), EMPTY, of('r')];
    run.connect(
      evaluation({
        name: 'vs',
        every: 1,
        overlap: 'queue',
        breaker: { minimumNumberOfCalls: 1, waitDurationInOpenStateMs: 10 },
        executor: () => answers.shift()!,
      }),
    );

    run.epochEnd(1);
    await clock.advance(10);
    run.epochEnd(2);
    run.epochEnd(3);

    expect(run.story.filter((each) => each.startsWith('end'))).toEqual([
      'end 1 failed',
      'end 2 failed',
      'end 3 completed',
    ]);
  });
});

describe('an executor that measures nothing itself', () => {
  it('cannot be told to end what is not measured', () => {
    const executor: Executor = () => NEVER;
    const cpuPercent = { limit: 50, whenUnmeasured: 'abort' } as const;

    expect(() => evaluation({ name: 'vs', every: 1, executor, sla: { cpuPercent } })).toThrow(
      `The SLA of "vs" says whenUnmeasured: 'abort' for "cpuPercent", which its executor does not measure itself`,
    );
    expect(() => evaluation({ name: 'vs', every: 1, executor, sla: { cpuPercent: 50 } })).not.toThrow();
  });
});
