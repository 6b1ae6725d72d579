import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Violation } from '../../src/events/index.ts';
import { createJob, seedOf, type JobOptions } from '../../src/executors/job.ts';
import type { Job, Telemetry } from '../../src/executors/executor.ts';
import { inlineExecutor } from '../../src/executors/inline-executor.ts';
import type { Evaluator } from '../../src/evaluator/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** Runs one job inline on a virtual clock, and keeps all that is heard of it. */
function inline<O>(evaluate: Evaluator<number, O>, options: Partial<JobOptions<number>> = {}) {
  const clock = new VirtualClock();
  const executor = inlineExecutor(evaluate, { clock });
  const told: Telemetry[] = [];
  const job = createJob({ input: 7, telemetry: { next: (telling) => told.push(telling) }, ...options });
  const heard: unknown[] = [];
  const start = () =>
    executor(job).subscribe({
      next: (value) => heard.push(value),
      error: (error: unknown) => heard.push(error),
      complete: () => heard.push('|'),
    });
  return { clock, executor, job, told, heard, start, types: () => told.map(({ type }) => type) };
}

/** Never settles, but when `signal` aborts. */
const untilAborted: Evaluator<number, string> = (_, { signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'));
    });
  });
const never: Evaluator<number, string> = () => new Promise(() => undefined);

const violationOf = (times: Partial<Violation> = {}): Violation => ({
  rule: 'evaluationTimeMs',
  limit: 50,
  observed: 50,
  unit: 'ms',
  action: 'abort',
  evaluationId: 'e-1',
  observedAt: 0,
  lateByHostMs: 0,
  pausedMs: 0,
  ...times,
});

describe('inlineExecutor', () => {
  it('takes a job that was made by hand', async () => {
    const run = inlineExecutor((input: number, { seed }) => Promise.resolve({ input, seed }));
    expect(await firstValueFrom(run({ input: 7 } as Job<number>))).toEqual({ input: 7, seed: seedOf('evaluation') });
  });

  it.each([
    [{ clock: 7 }, 'The options of inlineExecutor: "clock" must be a clock with now, wallNow, setTimeout, but 7 came'],
    [{ clok: 7 }, 'The options of inlineExecutor have an unknown key "clok": did you mean "clock"?'],
  ])('says in one sentence what is wrong with %o', (options, sentence) => {
    expect(() => inlineExecutor(() => 1, options as never)).toThrow(sentence);
  });

  it.each([
    [null, 'null'],
    [42, '42'],
    [{}, 'an object'],
  ])('wants a function, not %o', (evaluate, came) => {
    expect(() => inlineExecutor(evaluate as never)).toThrow(
      `inlineExecutor must get the function that evaluates (async (input, { signal }) => result), but ${came} came.`,
    );
  });

  it('gives the result and completes', async () => {
    const { start, heard, clock, types } = inline((input, { seed }) => Promise.resolve({ input, seed }), { seed: 3 });

    start();
    await clock.advance(0);

    expect(heard).toEqual([{ input: 7, seed: 3 }, '|']);
    expect(types()).toEqual(['accepted', 'started', 'usage']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is cold: nothing runs before the subscription', () => {
    let calls = 0;
    const { executor, job, start } = inline(() => calls++);

    void executor(job);
    expect(calls).toBe(0);
    start();
    expect(calls).toBe(1);
  });

  it.each([
    ['an error', new Error('broken'), 'The evaluator threw: Error: broken'],
    ['null', null, 'The evaluator threw: null was thrown'],
  ])('tells %s that is thrown as crashed', async (_, thrown, message) => {
    const { start, heard, clock } = inline(() => {
      throw thrown;
    });

    start();
    await clock.advance(0);

    expect(heard).toEqual([
      expect.objectContaining({ kind: 'crashed', code: 'EVALUATOR_CRASHED', message, cause: thrown }),
    ]);
  });

  it('tells items with how long the oldest has run, progress and partial results', async () => {
    const { start, told, clock } = inline(async (_, { item, progress, partial }) => {
      const first = item('a', () => new Promise<void>((resolve) => clock.setTimeout(resolve, 30)));
      clock.setTimeout(() => void item('b', () => undefined), 10);
      progress(1, 2, 'half');
      progress({ done: 2 });
      partial({ won: 1 });
      await first;
    });

    start();
    await clock.advance(30);

    expect(told.filter(({ type }) => type === 'item')).toEqual([
      { type: 'item', done: 0, running: { name: 'a', forMs: 0 } },
      { type: 'item', done: 0, running: { name: 'a', forMs: 10 } },
      { type: 'item', done: 1, running: { name: 'a', forMs: 10 } },
      { type: 'item', done: 2, running: null },
    ]);
    expect(told.filter(({ type }) => type === 'progress')).toEqual([
      { type: 'progress', done: 1, total: 2, note: 'half' },
      { type: 'progress', done: 2 },
    ]);
    expect(told).toContainEqual({ type: 'partial', value: { won: 1 } });
  });

  it('counts an item that throws as done, and passes its error on', async () => {
    const { start, told, heard, clock } = inline((_, { item }) => item('a', () => Promise.reject(new Error('lost'))));

    start();
    await clock.advance(0);

    expect(told).toContainEqual({ type: 'item', done: 1, running: null });
    expect(heard).toEqual([expect.objectContaining({ message: 'The evaluator threw: Error: lost' })]);
  });

  it('after an abort errors as cancelled when the code has settled', async () => {
    const { start, job, heard, clock } = inline(untilAborted);
    start();

    expect(job.abort('enough')).toBe(true);
    expect(heard).toEqual([]);
    await clock.advance(0);

    expect(heard).toEqual([EvaluationError.cancelled('enough')]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('after an abort for a violation errors with it, killed and gone', async () => {
    const { start, job, heard, clock } = inline(never, { graceMs: 40 });
    start();
    const abortedAt = clock.wallNow();

    job.abort(violationOf());
    await clock.advance(39);
    expect(heard).toEqual([]);
    await clock.advance(1);

    expect(heard).toEqual([
      expect.objectContaining({
        kind: 'violation',
        violation: violationOf({ killedAt: abortedAt, goneAt: abortedAt + 40 }),
      }),
    ]);
  });

  it('does not begin what was aborted before', async () => {
    let calls = 0;
    const { start, job, heard, clock } = inline(() => calls++);

    job.abort('too late');
    start();
    await clock.advance(0);

    expect(calls).toBe(0);
    expect(heard).toEqual([EvaluationError.cancelled('too late')]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('aborts the signal when it is unsubscribed from, and is idle when the code has settled', async () => {
    let aborted = false;
    let settle = (): void => undefined;
    const { start, heard, clock, executor, types } = inline(
      (_, { signal }) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => (aborted = true));
          settle = resolve;
        }),
    );
    let idle = false;

    start().unsubscribe();
    void executor.idle!().then(() => (idle = true));
    await clock.advance(1);

    expect({ aborted, idle, types: types() }).toEqual({ aborted: true, idle: false, types: ['accepted', 'started'] });
    settle();
    await clock.advance(0);
    expect({ idle, types: types(), heard }).toEqual({ idle: true, types: ['accepted', 'started', 'usage'], heard: [] });
  });

  it('counts code that never settles as gone when its grace is over', async () => {
    const { start, clock, executor, types } = inline(never);
    let idle = false;

    start().unsubscribe();
    void executor.idle!().then(() => (idle = true));
    await clock.advance(100);

    expect(idle).toBe(true);
    expect(types()).toEqual(['accepted', 'started', 'usage']);
  });

  it('tells nothing but partial results after the abort', async () => {
    const { start, job, told, clock } = inline(async (_, { signal, progress, partial }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      progress(1);
      partial('so far');
    });
    start();

    job.abort('enough');
    await clock.advance(0);

    expect(told.slice(2)).toEqual([
      { type: 'partial', value: 'so far' },
      { type: 'usage', usage: {} },
    ]);
  });

  it('fails with an error that cannot be told, too', async () => {
    const { clock, heard, start } = inline(() => {
      throw Object.assign(new Error('odd'), { message: Object.create(null) as string });
    });

    start();
    await clock.advance(0);

    const message = 'The evaluator threw: something that cannot be told was thrown';
    expect(heard).toMatchObject([{ code: 'EVALUATOR_CRASHED', message }]);
  });

  it('says which rules cannot be held on the training thread', () => {
    const { executor } = inline(never);

    expect(Object.keys(executor.cannotEnforce!)).toEqual([
      'memoryMb',
      'cpuPercent',
      'gpuUtilizationPercent',
      'gpuMemoryMb',
      'trainingImpactPercent',
      'startTimeMs',
    ]);
  });
});
