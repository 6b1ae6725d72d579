import { map, Observable, of, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import { schedulerOf } from '../../src/clock/index.ts';
import type { EventOf } from '../../src/events/index.ts';
import type { Executor, HardRule, Job, Telemetry } from '../../src/executors/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

const sample = { type: 'sample', memoryMb: 10, cpuPercent: 5, gpuUtilizationPercent: 0, gpuMemoryMb: 0 } as const;

/** One evaluation whose executor does `work`, with what an executor needs at hand. */
function evaluated(
  work: (tell: (telling: Telemetry) => void, clock: VirtualClock, job: Job) => Observable<unknown> | void,
  options: object = {},
) {
  const clock = new VirtualClock();
  const run = new FakeRun(clock);
  const executor: Executor = (job) =>
    new Observable((subscriber) => {
      const tell = (telling: Telemetry): void => {
        job.telemetry.next(telling);
      };
      return (work(tell, clock, job) ?? new Observable()).subscribe(subscriber);
    });
  run.connect(evaluation({ name: 'vs', every: 1, executor, ...options }));
  run.epochEnd(1);
  const end = (): EventOf<'evaluation:end'> => run.of('evaluation:end')[0]!;
  const after = (ms: number) => timer(ms, schedulerOf(clock)).pipe(map(() => 'r'));
  return { clock, run, end, after };
}

const during = (clock: VirtualClock, ms: number) => timer(ms, schedulerOf(clock)).pipe(map(() => 'r'));

describe('evaluation:start', () => {
  it('comes when a plain executor has been subscribed to', async () => {
    const { clock, run } = evaluated((_, clock) => during(clock, 5));

    expect(run.story).toEqual(['requested 1', 'start 1']);
    await clock.advance(5);
    expect(run.story).toEqual(['requested 1', 'start 1', 'end 1 completed']);
  });

  it('comes before what a plain executor tells while it is being subscribed to', () => {
    const { run } = evaluated((tell) => {
      tell({ type: 'progress', done: 1 });
      tell(sample);
      return of('r');
    });

    expect(run.story).toEqual(['requested 1', 'start 1', 'progress 1', 'sample 1', 'end 1 completed']);
  });

  it('comes when an executor that accepted says so, and what it tells before is not told', async () => {
    const { clock, run, end } = evaluated(
      (tell, clock) => {
        tell({ type: 'accepted', enforces: ['startTimeMs', 'evaluationTimeMs', 'itemTimeMs', 'memoryMb'] });
        tell({ ...sample, memoryMb: 30 });
        tell({ type: 'progress', done: 0 });
        clock.setTimeout(() => {
          tell({ type: 'started', pid: 7, queuedMs: 15 });
        }, 40);
        return new Observable((subscriber) =>
          clock.setTimeout(() => {
            tell({ type: 'usage', usage: {} });
            subscriber.next('r');
            subscriber.complete();
          }, 100),
        );
      },
      { sla: { evaluationTimeMs: 1 } },
    );

    await clock.advance(100);

    expect(run.story).toEqual(['requested 1', 'start 1', 'end 1 completed']);
    expect(run.of('evaluation:start')[0]).toMatchObject({ pid: 7, queuedMs: 15 });
    expect(end().usage).toMatchObject({ wallMs: 60, startMs: 25, queuedMs: 15, peakMemoryMb: 30 });
  });

  it('is missing where an accepted evaluation never began', () => {
    const { run } = evaluated((tell) => {
      tell({ type: 'accepted', enforces: [] });
      tell({ type: 'usage', usage: {} });
      return throwError(() => new EvaluationError('rejected', 'EVALUATOR_NOT_FOUND', 'No evaluator is there.'));
    });

    expect(run.story).toEqual(['requested 1', 'end 1 failed']);
    expectConserved(run);
  });
});

describe('evaluation:progress and evaluation:sample', () => {
  it('are told ten times a second at most, the latest first, and the last before the end', async () => {
    const { run, clock } = evaluated((tell, clock) => {
      let done = 0;
      const tick = (): void => {
        done++;
        tell({ type: 'progress', done, total: 1000 });
        tell({ ...sample, memoryMb: done });
        if (done < 995) clock.setTimeout(tick, 1);
      };
      tick();
      return during(clock, 1050);
    });

    await clock.advance(1050);

    const told = run.of('evaluation:progress').map(({ done }) => done);
    expect(told).toEqual([1, 100, 200, 300, 400, 500, 600, 700, 800, 900, 995]);
    expect(run.of('evaluation:sample').map(({ memoryMb }) => memoryMb)).toEqual(told);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells the progress that waits before the end, where there is room', async () => {
    const { run, clock } = evaluated((tell, clock) => {
      for (const done of [1, 2, 3]) tell({ type: 'progress', done, total: 3, note: 'n' });
      return during(clock, 50);
    });

    await clock.advance(50);

    expect(run.of('evaluation:progress').map(({ done, total, note }) => [done, total, note])).toEqual([
      [1, 3, 'n'],
      [3, 3, 'n'],
    ]);
    expect(run.story.at(-1)).toBe('end 1 completed');
  });

  it('has null for what is no measurement, and 0 for 0', () => {
    const { run } = evaluated((tell) => {
      tell({
        type: 'sample',
        memoryMb: NaN,
        cpuPercent: 0,
        gpuUtilizationPercent: -1,
        gpuMemoryMb: undefined as never,
      });
    });

    expect(run.of('evaluation:sample')[0]).toMatchObject({
      memoryMb: null,
      cpuPercent: 0,
      gpuUtilizationPercent: null,
      gpuMemoryMb: null,
    });
  });
});

describe('evaluation:end', () => {
  it('has the items and, where there is no result, what was learned so far', () => {
    const { end } = evaluated((tell) => {
      tell({ type: 'item', done: 3, total: 20, running: null });
      tell({ type: 'partial', value: { won: 1 } });
      tell({ type: 'partial', value: { won: 2 } });
      return throwError(() => new EvaluationError('crashed', 'EVALUATOR_CRASHED', 'It threw.'));
    });

    expect(end()).toMatchObject({
      status: 'failed',
      items: { done: 3, total: 20 },
      partial: { won: 2 },
      error: { code: 'EVALUATOR_CRASHED', kind: 'crashed', message: 'It threw.' },
    });
    expect(end()).not.toHaveProperty('result');
  });

  it('has no partial result beside a result', () => {
    const { end } = evaluated((tell) => {
      tell({ type: 'partial', value: 1 });
      return of('whole');
    });

    expect(end()).toMatchObject({ status: 'completed', result: 'whole' });
    expect(end()).not.toHaveProperty('partial');
  });

  it('merges the usage that was told, and computes the rest', async () => {
    const { clock, end } = evaluated((tell, clock) => {
      tell({ ...sample, memoryMb: 50 });
      tell({ ...sample, memoryMb: 40 });
      tell({ type: 'usage', usage: { cpuMs: 10 } });
      tell({ type: 'usage', usage: { goneMs: 2 } });
      return during(clock, 20);
    });

    await clock.advance(20);

    expect(end().usage).toEqual({
      wallMs: 20,
      cpuMs: 10,
      cpuShare: 0.5,
      peakMemoryMb: 50,
      startMs: 0,
      pausedMs: 0,
      queuedMs: 0,
      goneMs: 2,
    });
  });

  // NaN in a time reached the log, and stopped the metrics of the run.
  it.each([undefined, NaN, -1, Infinity, 'soon'])('takes %s in what is told for unmeasured', async (figure) => {
    const told = figure as number;
    const { clock, run, end } = evaluated((tell, clock) => {
      tell({ type: 'started', queuedMs: told });
      tell({ ...sample, memoryMb: 50 });
      tell({ type: 'dropped', what: 'frames', count: told });
      const usage = { wallMs: told, cpuMs: told, cpuShare: told, peakMemoryMb: told, startMs: told, goneMs: told };
      tell({ type: 'usage', usage: { ...usage, pausedMs: told, queuedMs: told } });
      return during(clock, 20);
    });

    await clock.advance(20);

    expect(run.of('evaluation:start')[0]).toMatchObject({ queuedMs: 0 });
    expect(run.of('dropped')).toMatchObject([{ what: 'frames of vs', count: 1 }]);
    expect(end().usage).toEqual({
      wallMs: 20,
      cpuMs: null,
      cpuShare: null,
      peakMemoryMb: 50,
      startMs: 0,
      pausedMs: 0,
      queuedMs: 0,
      goneMs: 0,
    });
  });

  it.each([
    [null, undefined],
    [NaN, undefined],
    [0, 0],
    [-2, -2],
  ])('has for %s as the cost of the training %s', (told, cost) => {
    const { end } = evaluated((tell) => {
      tell({ type: 'usage', usage: { wallMs: null, trainingImpactPercent: told! } });
      return of('r');
    });

    expect(end().usage.trainingImpactPercent).toBe(cost);
    expect(end().usage.wallMs).toBeNull();
  });

  it.each<[string, Observable<unknown>, string, object | undefined]>([
    ['a value', of(1), 'completed', undefined],
    ['undefined, which is a value', of(undefined), 'completed', undefined],
    ['no value', of(), 'failed', { code: 'NO_RESULT', kind: 'crashed' }],
    [
      'an unknown error',
      throwError(() => new TypeError('no')),
      'failed',
      { code: 'EXECUTOR_FAILED', message: 'The executor failed: TypeError: no' },
    ],
    [
      'null thrown',
      new Observable((subscriber) => {
        subscriber.error(null);
      }),
      'failed',
      { code: 'EXECUTOR_FAILED', message: 'The executor failed: null was thrown' },
    ],
    [
      'a rejection',
      throwError(() => new EvaluationError('rejected', 'RESULT_TOO_LARGE', 'big')),
      'failed',
      { code: 'RESULT_TOO_LARGE', kind: 'rejected' },
    ],
    [
      'a cancellation',
      throwError(() => EvaluationError.cancelled('why')),
      'cancelled',
      { code: 'CANCELLED', kind: 'cancelled' },
    ],
  ])('of %s', (_, result$, status, error) => {
    const { run, end } = evaluated(() => result$);

    expect(end().status).toBe(status);
    if (error === undefined) expect(end().error).toBeUndefined();
    else expect(end().error).toMatchObject(error);
    expectConserved(run);
  });

  it.each<[string, unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('at once');
      },
      'EXECUTOR_FAILED',
    ],
    ['gives a promise', () => Promise.resolve(1), 'EXECUTOR_INVALID'],
    ['gives nothing', () => undefined, 'EXECUTOR_INVALID'],
  ])('of an executor that %s', (_, executor, code) => {
    const run = new FakeRun(new VirtualClock());
    run.connect(evaluation({ name: 'vs', every: 1, executor: executor as Executor }));

    run.epochEnd(1);

    expect(run.of('evaluation:end')[0]).toMatchObject({ status: 'failed', error: { code } });
    expectConserved(run);
  });

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('no weights');
      },
      'The function "input" of "vs" failed: no weights',
    ],
    [
      'throws null',
      () => {
        throw null;
      },
      'The function "input" of "vs" failed: null',
    ],
    [
      'gives a promise',
      () => Promise.resolve({}),
      'The function "input" of "vs" failed: it gave a promise, and the input is taken at once: await before, or in the evaluator',
    ],
  ])('of an input that %s', (_, input, message) => {
    const { run, end } = evaluated(() => of(1), { input });
    run.epochEnd(2);

    expect(end()).toMatchObject({ status: 'failed', error: { code: 'INPUT_FAILED', kind: 'rejected', message } });
    expect(run.story).toEqual(['requested 1', 'end 1 failed', 'requested 2', 'end 2 failed']);
    expectConserved(run);
  });

  it('comes once: what is told after it is not heard', () => {
    let tellLater: (telling: Telemetry) => void = () => undefined;
    const { run } = evaluated((tell) => {
      tellLater = tell;
      return of('r');
    });
    const before = run.events.length;

    tellLater({ type: 'progress', done: 1 });
    tellLater({ type: 'dropped', what: 'progress', count: 1 });

    expect(run.events).toHaveLength(before);
  });
});

describe('what is no telemetry', () => {
  // It was thrown on the next turn of the loop, where nobody catches, and ended the training's process.
  it('is said once an evaluation, and what else is told is heard', () => {
    const run = new FakeRun(new VirtualClock());
    const executor: Executor = (job) => {
      for (const wrong of [undefined, { type: 'usage' }, null]) job.telemetry.next(wrong as never);
      job.telemetry.next({ type: 'progress', done: 3 });
      return of('r');
    };
    run.connect(evaluation({ name: 'vs', every: 1, executor, sla: false }));

    run.epochEnd(1);
    run.epochEnd(2);

    expect(run.of('callback:error').map(({ callback, error }) => [callback, error.message])).toEqual(
      Array.from({ length: 2 }, (): [string, string] => [
        'vs',
        expect.stringMatching(/^its executor told what is no telemetry: Cannot read properties of undefined/) as string,
      ]),
    );
    expect(run.of('evaluation:progress').map(({ done }) => done)).toEqual([3, 3]);
    expect(run.of('evaluation:end').map(({ status }) => status)).toEqual(['completed', 'completed']);
  });
});

describe('where an evaluator threw', () => {
  it('is told with its end, of bounded length, and of nothing else', () => {
    const cause = Object.assign(new Error('no'), {
      stack: `Error: no\n    at inner (deep.ts:2:43)${' '.repeat(9_000)}`,
    });
    const thrown = new EvaluationError('crashed', 'EVALUATOR_CRASHED', 'The evaluator threw: Error: no', { cause });
    const refused = new EvaluationError('rejected', 'EVALUATOR_NOT_FOUND', 'There is none');

    const { error } = evaluated(() => throwError(() => thrown)).end();
    expect(error).toMatchObject({ code: 'EVALUATOR_CRASHED', message: 'The evaluator threw: Error: no' });
    expect(error?.stack).toContain('at inner (deep.ts:2:43)');
    expect(error?.stack?.length).toBe(4_000);
    expect(evaluated(() => throwError(() => refused)).end().error).not.toHaveProperty('stack');
  });
});

describe('what cannot be measured', () => {
  const everything: HardRule[] = ['startTimeMs', 'evaluationTimeMs', 'itemTimeMs', 'memoryMb'];
  const unmeasured = (run: FakeRun): string[] => run.of('sla:unmeasured').map(({ rule, why }) => `${rule}: ${why}`);

  it('is told once: no item, no memory, no GPU', () => {
    const { run } = evaluated(() => of('r'));
    run.epochEnd(2);

    expect(unmeasured(run)).toEqual([
      'itemTimeMs: "vs" marked no item: item(name, work) around each game or batch does',
      'memoryMb: the executor of "vs" told no sample of its memory',
      'gpuUtilizationPercent: the executor of "vs" told no sample of its use of the GPU',
    ]);
  });

  // One that hangs is where the reader wants to know that its items are held by nothing.
  it('is told of one that broke its limit too, and of none that failed by itself', async () => {
    const sla = { evaluationTimeMs: 20 };
    const hanging = evaluated(() => undefined, { sla });
    await hanging.clock.advance(20);
    const failing = evaluated(() => throwError(() => new Error('no')), { sla });

    expect(hanging.end().status).toBe('violated');
    expect(unmeasured(hanging.run)[0]).toContain('itemTimeMs');
    expect(failing.end().status).toBe('failed');
    expect(unmeasured(failing.run)).toEqual([]);
  });

  it('is not told of a rule that was measured, or that the executor holds itself', () => {
    const measuring = evaluated((tell) => {
      tell({ type: 'item', done: 0, running: { name: 'a', forMs: 0 } });
      tell({ type: 'item', done: 1, running: null });
      tell(sample);
      return of('r');
    });
    const held = evaluated((tell) => {
      tell({ type: 'accepted', enforces: everything });
      tell({ type: 'started' });
      tell({ type: 'item', done: 0, running: null });
      tell({ type: 'usage', usage: {} });
      return of('r');
    });

    expect(unmeasured(measuring.run)).toEqual([]);
    expect(unmeasured(held.run).map((told) => told.split(':')[0])).toEqual(['itemTimeMs', 'gpuUtilizationPercent']);
  });

  // A rule that was written, and that nothing measures, held nothing and was not said to.
  it('is told of rules that have no default, where they are written', () => {
    const sla = { cpuPercent: 50, gpuMemoryMb: 100 };
    const measuring = evaluated(
      (tell) => {
        tell({ ...sample, cpuPercent: 0, gpuMemoryMb: 0 });
        return of('r');
      },
      { sla },
    );

    expect(unmeasured(evaluated(() => of('r'), { sla }).run).slice(2)).toEqual([
      'cpuPercent: the executor of "vs" told no sample of its use of the processor',
      'gpuUtilizationPercent: the executor of "vs" told no sample of its use of the GPU',
      'gpuMemoryMb: the executor of "vs" told no sample of its GPU memory',
    ]);
    expect(unmeasured(measuring.run).map((told) => told.split(':')[0])).not.toContain('cpuPercent');
    expect(unmeasured(measuring.run).map((told) => told.split(':')[0])).not.toContain('gpuMemoryMb');
  });

  it('is not told without an SLA', () => {
    expect(unmeasured(evaluated(() => of('r'), { sla: false }).run)).toEqual([]);
  });

  it.each([
    ['an end without a sample that had one', [], 'the GPU share of an evaluation could not be measured here'],
    [
      'the reason that the executor gave',
      [{ type: 'unmeasured', rule: 'gpuUtilizationPercent', why: 'no driver' }],
      'no driver',
    ],
  ] as [string, Telemetry[], string][])('is told once for the GPU: %s', (_, before, why) => {
    const { run } = evaluated((tell) => {
      before.forEach(tell);
      tell({ ...sample, gpuUtilizationPercent: null });
      tell({ ...sample, gpuUtilizationPercent: null });
      return of('r');
    });

    const ofTheGpu = run.of('sla:unmeasured').filter(({ rule }) => rule === 'gpuUtilizationPercent');
    expect(ofTheGpu.map(({ rule, why }) => ({ rule, why }))).toEqual([{ rule: 'gpuUtilizationPercent', why }]);
  });

  // Of an evaluation that was over before the driver's first answer it was told that the GPU could not be measured.
  it('is left to the executor that holds the rule of the GPU', () => {
    const { run } = evaluated((tell) => {
      tell({ type: 'accepted', enforces: ['gpuUtilizationPercent'] });
      tell({ type: 'started' });
      tell({ ...sample, gpuUtilizationPercent: null });
      tell({ type: 'usage', usage: {} });
      return of('r');
    });

    expect(run.of('sla:unmeasured').map(({ rule }) => rule)).not.toContain('gpuUtilizationPercent');
  });

  it('is not told where the driver only took its time', () => {
    const { run } = evaluated((tell) => {
      tell({ ...sample, gpuUtilizationPercent: null });
      tell({ ...sample, gpuUtilizationPercent: 0 });
      return of('r');
    });

    expect(run.of('sla:unmeasured').map(({ rule }) => rule)).not.toContain('gpuUtilizationPercent');
  });

  it('tells what was dropped, and what cannot be enforced once', () => {
    const { run } = evaluated((tell) => {
      tell({ type: 'dropped', what: 'stdout', count: 3 });
      tell({ type: 'unenforceable', rule: 'memoryMb', why: 'no /proc' });
      tell({ type: 'unenforceable', rule: 'memoryMb', why: 'no /proc' });
    });

    expect(run.of('dropped')).toMatchObject([{ what: 'stdout of vs', count: 3 }]);
    const told = run.of('sla:unenforceable').filter(({ rule }) => rule === 'memoryMb');
    expect(told).toMatchObject([{ rule: 'memoryMb', why: 'no /proc' }]);
  });
});
