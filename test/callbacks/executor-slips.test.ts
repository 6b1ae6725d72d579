import { EMPTY, ignoreElements, map, merge, NEVER, Observable, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { schedulerOf } from '../../src/clock/index.ts';
import type { Executor, HardRule } from '../../src/executors/index.ts';
import { EvaluationError, type Safeguard } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

function bench() {
  const clock = new VirtualClock();
  const run = new FakeRun(clock);
  const after = (ms: number) => timer(ms, schedulerOf(clock)).pipe(map(() => 'r'));
  const errors = () => run.of('callback:error').map(({ error }) => error.message);
  return { clock, run, after, errors };
}

describe('a slip in an executor of a user costs its evaluation, and the next one comes', () => {
  const withFields = (fields: object) => Object.assign(new Error('odd'), fields);

  it.each<[string, () => Error]>([
    ['a message that is no text', () => withFields({ message: Object.create(null) as object })],
    ['a name that is a symbol', () => withFields({ name: Symbol('odd') })],
    ['a violation of nothing', () => EvaluationError.ofViolation(null as never)],
    [
      'a violation that is missing, and says that it is there',
      () => Object.assign(EvaluationError.cancelled('x'), { kind: 'violation', violation: null }),
    ],
  ])('an error with %s', (_, error) => {
    const { run } = bench();
    run.connect(evaluation({ name: 'vs', every: 1, breaker: false, executor: () => throwError(() => error()) }));

    run.epochEnd(1);
    run.epochEnd(2);

    expect(run.of('evaluation:end')).toMatchObject([
      { epoch: 1, status: 'failed', error: { code: 'EXECUTOR_FAILED' } },
      { epoch: 2, status: 'failed', error: { code: 'EXECUTOR_FAILED' } },
    ]);
    expectConserved(run);
  });

  it('forget that throws, of one that ends and of one that is skipped', async () => {
    const { clock, run, after, errors } = bench();
    const forget = (): void => {
      throw new Error('no such copy');
    };
    run.connect(evaluation({ name: 'vs', every: 1, executor: Object.assign(() => after(5), { forget }) }));

    for (const epoch of [1, 2, 3]) run.epochEnd(epoch);
    await clock.advance(10);

    expect(run.story.filter((told) => /end|skipped/.test(told))).toEqual([
      'skipped 2 superseded',
      'end 1 completed',
      'end 3 completed',
    ]);
    const message = 'its executor, told to forget what is over: no such copy';
    expect(errors()).toEqual([message, message, message]);
    expectConserved(run);
  });

  it('enforces that is no array: the host holds every rule', async () => {
    const { clock, run, errors } = bench();
    const executor: Executor = ({ telemetry }) =>
      new Observable(() => {
        telemetry.next({ type: 'accepted', enforces: {} as readonly HardRule[] });
        telemetry.next({ type: 'started' });
        return () => {
          telemetry.next({ type: 'usage', usage: {} });
        };
      });
    run.connect(evaluation({ name: 'vs', every: 1, executor, sla: { evaluationTimeMs: 50 } }));

    run.epochEnd(1);
    await clock.advance(50);

    expect(errors()).toEqual([
      'its executor told an object as "enforces", so that it holds no rule: it must be an array of rules',
    ]);
    expect(run.of('evaluation:end')).toMatchObject([{ status: 'violated', violation: { rule: 'evaluationTimeMs' } }]);
    expectConserved(run);
  });

  it('a promise that rejects, where an Observable was due', async () => {
    const { run } = bench();
    const executor = () => Promise.reject(new Error('offline'));
    run.connect(evaluation({ name: 'vs', every: 1, executor: executor as unknown as Executor }));

    run.epochEnd(1);
    // An unhandled rejection is told after this turn, and fails the test run.
    await new Promise((resolve) => setImmediate(resolve));

    expect(run.of('evaluation:end')).toMatchObject([{ status: 'failed', error: { code: 'EXECUTOR_INVALID' } }]);
  });

  it('values without end while it is subscribed to: it is ended at the second', () => {
    const { run } = bench();
    let emitted = 0;
    const executor: Executor = () =>
      new Observable((subscriber) => {
        while (!subscriber.closed && emitted < 1_000) subscriber.next(emitted++);
      });
    run.connect(evaluation({ name: 'vs', every: 1, executor }));

    run.epochEnd(1);

    expect(emitted).toBe(2);
    expect(run.of('evaluation:end')).toMatchObject([{ status: 'completed', result: 0 }]);
    expectConserved(run);
  });

  it('an abort that is answered with an error of its own: it was cancelled, and its breaker counts nothing', () => {
    const { run } = bench();
    const executor: Executor = (job) =>
      new Observable((subscriber) =>
        job.onAbort(() => {
          subscriber.error(new DOMException('This operation was aborted', 'AbortError'));
        }),
      );
    const heard: EvaluationError[] = [];
    const recordFailure = (error: unknown) => heard.push(error as EvaluationError) > 0;
    const counted = evaluation({ name: 'vs', every: 1, overlap: 'cancel', executor });
    const asked = evaluation({ name: 'own', every: 1, overlap: 'cancel', executor, breaker: { recordFailure } });
    run.connect(counted);
    run.connect(asked);

    for (const epoch of [1, 2, 3, 4, 5]) run.epochEnd(epoch);

    expect(counted.breaker).toMatchObject({ state: 'closed', metrics: { bufferedCalls: 0 } });
    expect(heard[0]).toMatchObject({ kind: 'cancelled', code: 'CANCELLED' });
    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'cancelled', error: { message: heard[0]!.message } });
  });
});

describe('a slip in a safeguard costs that safeguard', () => {
  const offended = (): never => {
    throw new Error('oh');
  };
  const told = ['safeguard 1: oh'];
  const slips: [string, Safeguard, readonly string[]][] = [
    [
      'started$',
      ({ started$ }) => {
        started$.subscribe(offended);
        return NEVER;
      },
      told,
    ],
    [
      'samples$, through an operator',
      ({ samples$ }) => {
        samples$.pipe(map(({ memoryMb }) => memoryMb)).subscribe({ next: offended });
        return EMPTY;
      },
      told,
    ],
    [
      'progress$, beside another stream',
      ({ progress$ }) => {
        merge(progress$, NEVER).subscribe(offended);
        return NEVER;
      },
      told,
    ],
    [
      'items$, at the end',
      ({ items$ }) => {
        items$.subscribe({ complete: offended });
        return NEVER;
      },
      [], // nobody is left whom it could cost anything
    ],
    [
      'samples$, and gives violations made of it',
      ({ samples$ }) => {
        samples$.subscribe(offended);
        return samples$.pipe(ignoreElements());
      },
      told,
    ],
    [
      'started$, and gives violations made of samples$',
      ({ started$, samples$ }) => {
        started$.subscribe(offended);
        return samples$.pipe(ignoreElements());
      },
      told,
    ],
    [
      'impact$',
      ({ impact$ }) => {
        impact$.subscribe(offended);
        return NEVER;
      },
      told,
    ],
  ];

  it.each(slips)('that throws in what it has subscribed to %s itself', async (_, safeguard, expected) => {
    const { clock, run, after, errors } = bench();
    const uncaught: unknown[] = [];
    const hear = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', hear);
    const executor: Executor = ({ telemetry }) => {
      telemetry.next({ type: 'progress', done: 1 });
      telemetry.next({ type: 'sample', memoryMb: 1, cpuPercent: 1, gpuUtilizationPercent: 0, gpuMemoryMb: 0 });
      telemetry.next({ type: 'sample', memoryMb: 1, cpuPercent: 1, gpuUtilizationPercent: 0, gpuMemoryMb: 0 });
      return after(5);
    };
    run.connect(evaluation({ name: 'vs', every: 1, sla: false, executor, safeguards: [safeguard] }));

    run.epochEnd(1);
    await clock.advance(5);
    await new Promise((resolve) => setTimeout(resolve));
    process.off('uncaughtException', hear);

    expect(uncaught).toEqual([]);
    expect(run.of('evaluation:end')).toMatchObject([{ status: 'completed' }]);
    expect(errors()).toEqual(expected);
  });
});
