import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { firstValueFrom, Subject, timeout, TimeoutError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { createJob, threadExecutor, type HardLimits, type Telemetry } from '../../src/executors/index.ts';
import type { Job } from '../../src/executors/executor.ts';
import { Slots } from '../../src/executors/slots.ts';
import { ThreadExecution } from '../../src/executors/thread-execution.ts';
import { threadInput } from '../../src/executors/thread-input.ts';
import { evaluation } from '../../src/index.ts';
import { atEpochs } from '../../src/operators/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';
import { missing } from './needs.ts';
import { eventsOf, expectWhole, named, recordedRun } from './recorded-run.ts';

const roomy: HardLimits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000 };
const short: HardLimits = { ...roomy, evaluationTimeMs: 400 };

/** The first thread that is started from this one: the watchdog of all that follows, until it is lost. */
const watchdog = new Promise<Worker>((resolve) => process.once('worker', resolve));

/** What a training step does that gives the loop no chance. */
function block(ms: number): { readonly from: number; readonly to: number } {
  const from = Date.now();
  while (Date.now() - from < ms);
  return { from, to: Date.now() };
}

function inTemporaryFolder(name: string): string {
  return join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), name);
}

describe('an evaluator in a thread', () => {
  it('gives its result, its items, its progress and what it took', async () => {
    const { result, telemetry } = await execute(threadExecutor(evaluator('good')), {
      input: { hello: 'world' },
      seed: 42,
      limits: roomy,
    });

    expect(result).toEqual({ sum: 6, seed: 42, input: { hello: 'world' } });
    expect(telemetry[0]).toEqual({ type: 'accepted', enforces: ['evaluationTimeMs', 'startTimeMs', 'itemTimeMs'] });
    expect(told(telemetry, 'started')).toMatchObject([{ queuedMs: expect.any(Number) as number }]);
    expect(told(telemetry, 'item').at(-1)).toMatchObject({ done: 3, running: null, total: 3 });
    expect(told(telemetry, 'progress').at(-1)).toMatchObject({ done: 3, total: 3 });
    expect([...told(telemetry, 'unmeasured'), ...told(telemetry, 'unenforceable')]).toEqual([]);
    expect(telemetry.at(-1)).toMatchObject({ type: 'usage', usage: { peakMemoryMb: null, pausedMs: 0 } });
  });

  it('gets arrays of every kind, nested, empty, shared and as a view, as they were at the subscription', async () => {
    const whole = Float32Array.from({ length: 10 }, (_, index) => index / 3);
    const shared = new Int16Array(new SharedArrayBuffer(4));
    shared.set([7, -7]);
    const input = {
      view: whole.subarray(2, 5),
      nested: [{ bytes: new Uint8Array([1, 2, 3]) }, { none: new Float64Array(0) }],
      big: new BigInt64Array([-(2n ** 40n)]),
      map: new Map([['weights', new Int32Array([1])]]),
      nan: NaN,
      shared,
    };
    const run = firstValueFrom(threadExecutor(evaluator('echo'))(createJob({ input, limits: roomy })));
    whole.fill(-1);

    expect(await run).toEqual({
      ...input,
      view: Float32Array.from([2 / 3, 3 / 3, 4 / 3]),
      shared: Int16Array.from([7, -7]),
    });
  });

  it('runs the same job once more, with the input as it is then', async () => {
    const executor = threadExecutor(evaluator('echo'));
    const job = createJob({ input: { weights: Uint8Array.of(1) }, limits: roomy });
    executor.pack?.(job as never);
    job.input.weights[0] = 2;

    expect(await firstValueFrom(executor(job))).toEqual({ weights: Uint8Array.of(1) });
    expect(await firstValueFrom(executor(job))).toEqual({ weights: Uint8Array.of(2) });
  });

  it('runs a TypeScript module whose JavaScript is not built yet', async () => {
    const { result } = await execute(threadExecutor(new URL('./evaluators/typed.js', import.meta.url)), {
      input: { factor: 2 },
      limits: roomy,
    });

    expect(result).toEqual({ doubled: [2, 4, 6] });
  });

  it('runs as many at once as it has slots, and the others after them', async () => {
    const executor = threadExecutor(evaluator('good'), { concurrency: 1 });
    const order: string[] = [];
    const run = (id: string): Promise<unknown> => {
      const next = ({ type }: Telemetry): void => {
        if (type === 'started' || type === 'usage') order.push(`${id} ${type}`);
      };
      return firstValueFrom(executor(createJob({ input: {}, limits: roomy, telemetry: { next } })));
    };

    await Promise.all([run('a'), run('b')]);
    await executor.idle?.();

    expect(order).toEqual(['a started', 'a usage', 'b started', 'b usage']);
  });

  it.skipIf(process.platform !== 'linux')(
    'works at the lowest priority, and leaves that of the training alone',
    async () => {
      const before = getPriority();
      const { result } = await execute(threadExecutor(evaluator('nice')), { limits: roomy });

      expect(result).toEqual({ nice: 19 });
      expect(getPriority()).toBe(before);
    },
  );

  it('has what it prints in the folder for it', async () => {
    const logFolder = inTemporaryFolder('logs');
    await execute(threadExecutor(evaluator('exits')), { limits: roomy, logFolder });

    expect(readFileSync(join(logFolder, 'stdout.log'), 'utf8')).toBe('the last line it printed\n');
  });

  it.skipIf(missing())('leaves no thread behind', async () => {
    const executor = threadExecutor(evaluator('good'));
    await execute(executor, { limits: roomy });
    const before = readdirSync('/proc/self/task').length;
    for (let each = 0; each < 5; each++) await execute(executor, { limits: roomy });

    expect(readdirSync('/proc/self/task').length).toBeLessThanOrEqual(before);
  });
});

describe('a hostile evaluator in a thread', () => {
  const violations: [string, 'evaluationTimeMs' | 'startTimeMs' | 'itemTimeMs' | 'memoryMb', HardLimits][] = [
    ['spin', 'evaluationTimeMs', short],
    ['never-settles', 'evaluationTimeMs', short],
    ['swallows-errors', 'evaluationTimeMs', short],
    ['floods-progress', 'evaluationTimeMs', short],
    ['floods-partial', 'evaluationTimeMs', short],
    ['spin-in-item', 'itemTimeMs', { ...roomy, itemTimeMs: 300 }],
    ['wrong-progress', 'itemTimeMs', { ...roomy, itemTimeMs: 300 }],
    ['spin-on-load', 'startTimeMs', { ...roomy, startTimeMs: 2_000 }],
    ['hangs-on-load', 'startTimeMs', { ...roomy, startTimeMs: 2_000 }],
  ];

  it.each(violations)('%s breaks %s and is ended', async (name, rule, limits) => {
    const { error, telemetry } = await execute(threadExecutor(evaluator(name)), { limits });

    expect(error).toMatchObject({ kind: 'violation', violation: { rule, limit: limits[rule], action: 'abort' } });
    const { observed, deadlineAt, killedAt, goneAt, ...violation } = error!.violation!;
    expect(violation).toMatchObject({ unit: 'ms', pausedMs: 0, observedAt: killedAt });
    expect(observed).toBeGreaterThanOrEqual(limits[rule]!);
    expect(killedAt).toBeGreaterThanOrEqual(Math.floor(deadlineAt!));
    expect(goneAt).toBeGreaterThanOrEqual(killedAt!);
    expect(told(telemetry, 'usage')).toHaveLength(1);
    expect(told(telemetry, 'sample').every(({ memoryMb }) => memoryMb === null)).toBe(true);
  });

  const failures: [string, string, string, RegExp][] = [
    ['closes-port', 'crashed', 'EVALUATOR_CRASHED', /thrown after it had closed its port/],
    ['exits', 'crashed', 'EVALUATOR_CRASHED', /exit code 3[^]*the last line it printed/],
    ['throws-null', 'crashed', 'EVALUATOR_CRASHED', /null was thrown/],
    ['throws-on-load', 'crashed', 'EVALUATOR_CRASHED', /no such backend/],
    ['no-default', 'rejected', 'EVALUATOR_INVALID', /default export .* must be an evaluator/],
    ['is-not-there', 'rejected', 'EVALUATOR_NOT_FOUND', /No evaluator is at .*is-not-there\.mjs/],
    ['crashes-aside', 'crashed', 'EVALUATOR_CRASHED', /thrown beside the evaluation[^]*a line before/],
    ['rejects-aside', 'crashed', 'EVALUATOR_CRASHED', /rejected beside the evaluation/],
    ['large-partial', 'rejected', 'RESULT_TOO_LARGE', /partial result .* is 3\.0 MB, the limit is 2 MB/],
    ['returns-function', 'rejected', 'RESULT_NOT_CLONEABLE', /must be plain data/],
  ];

  it.each(failures)('%s is %s with %s', async (name, kind, code, message) => {
    const { error } = await execute(threadExecutor(evaluator(name)), { limits: roomy, maxResultMb: 2 });

    expect(error).toMatchObject({ kind, code });
    expect(error?.message).toMatch(message);
  });

  it('floods progress: the latest is told, the rest is counted', async () => {
    const { telemetry } = await execute(threadExecutor(evaluator('floods-progress')), { limits: short });

    expect(told(telemetry, 'progress').length).toBeLessThan(100);
    expect(told(telemetry, 'dropped')[0]?.count).toBeGreaterThan(1000);
  });

  it('floods partial results: the last is kept', async () => {
    const { telemetry } = await execute(threadExecutor(evaluator('floods-partial')), { limits: short });

    const partials = told(telemetry, 'partial').map(({ value }) => (value as { bytes: Uint8Array }).bytes.length);
    expect(partials).toEqual([2 ** 20]);
  });
});

describe('stopping a thread', () => {
  it('by an abort lets its signal fire first and keeps what it had learned', async () => {
    const partials: unknown[] = [];
    const next = (each: Telemetry): void => {
      if (each.type === 'progress') job.abort('enough');
      if (each.type === 'partial') partials.push(each.value);
    };
    const job = createJob({ input: {}, limits: roomy, graceMs: 10_000, telemetry: { next } });
    const ended = firstValueFrom(threadExecutor(evaluator('honours-signal'))(job));

    await expect(ended).rejects.toMatchObject({ kind: 'cancelled', code: 'CANCELLED' });
    expect(partials).toEqual([{ begun: true, stopped: true }]);
  });

  /** A file into which the evaluator writes the time as long as it lives. */
  const beating = () => {
    const path = inTemporaryFolder('heartbeat');
    const started$ = new Subject<void>();
    const next = ({ type }: Telemetry): void => {
      if (type === 'started') started$.next();
    };
    const job = createJob({ input: { path }, limits: roomy, telemetry: { next } });
    const executor = threadExecutor(evaluator('heartbeat'), { concurrency: 1 });
    const expectStill = async (): Promise<void> => {
      await executor.idle?.();
      const last = readFileSync(path, 'utf8');
      await execute(threadExecutor(evaluator('good')), { limits: roomy });
      expect(readFileSync(path, 'utf8')).toBe(last);
    };
    return { job, started$, executor, expectStill };
  };

  it('by an abort that it ignores ends it after the grace', async () => {
    const { job, started$, executor, expectStill } = beating();
    started$.subscribe(() => job.abort('enough'));

    await expect(firstValueFrom(executor(job))).rejects.toMatchObject({ code: 'CANCELLED' });
    await expectStill();
  });

  it('by timeout ends it', async () => {
    const { job, executor, expectStill } = beating();

    await expect(firstValueFrom(executor(job).pipe(timeout({ each: 1500 })))).rejects.toThrow(TimeoutError);
    await expectStill();
  });

  it('at once, before it has begun anything, gives the slot back', async () => {
    const { job, executor } = beating();
    const types: string[] = [];
    vi.spyOn(job.telemetry, 'next').mockImplementation(({ type }) => types.push(type));

    executor(job).subscribe().unsubscribe();

    await executor.idle?.();
    expect(types.filter((type) => type !== 'item')).toEqual(['accepted', 'usage']);
  });

  it('before it had a slot starts nothing', async () => {
    const { job, executor } = beating();
    const running = executor(job).subscribe({ error: () => undefined });
    const second = createJob({ input: {}, limits: roomy });
    const waiting = firstValueFrom(executor(second));
    second.abort('never mind');

    await expect(waiting).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringMatching(/never mind/) as string,
    });
    running.unsubscribe();
    await executor.idle?.();
  });

  it.skipIf(missing('mkfifo'))(
    'inside a call that does not return errors after its patience, and keeps the slot until it does',
    async () => {
      const path = inTemporaryFolder('fifo');
      execFileSync('mkfifo', [path]);
      const executor = threadExecutor(evaluator('reads-path'));
      let isIdle = false;

      const { error, telemetry } = await execute(executor, { input: { path }, limits: short });

      const idle = executor.idle?.().then(() => (isIdle = true));
      expect(error?.message).toMatch(/evaluationTimeMs.*Its thread could not be stopped/);
      expect(error?.violation).toMatchObject({ rule: 'evaluationTimeMs', killedAt: expect.any(Number) as number });
      expect(error?.violation).not.toHaveProperty('goneAt');
      expect(telemetry.at(-1)?.type).toBe('usage');
      expect(isIdle).toBe(false);
      closeSync(openSync(path, 'w'));
      await idle;
    },
  );
});

describe('the training thread blocked for 2 s, with a limit of 300 ms', () => {
  const limits = { ...roomy, evaluationTimeMs: 300 };

  it('the spinning thread is ended at the limit, and how late the host heard of it is told apart', async () => {
    const path = inTemporaryFolder('heartbeat');
    let blocked = { from: 0, to: 0 };
    const next = ({ type }: Telemetry): void => {
      if (type === 'started') blocked = block(2000);
    };
    const job = createJob({ input: { path }, limits, telemetry: { next } });

    const error: unknown = await firstValueFrom(threadExecutor(evaluator('heartbeat'))(job)).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toMatchObject({ violation: { rule: 'evaluationTimeMs', limit: 300 } });
    const { violation } = error as { violation: { goneAt: number; lateByHostMs: number } };
    expect(Number(readFileSync(path, 'utf8'))).toBeLessThan(blocked.to - 500);
    expect(violation.goneAt).toBeLessThan(blocked.to - 500);
    expect(violation.lateByHostMs).toBeGreaterThan(500);
  });

  it('what has answered in time is in time', async () => {
    const next = ({ type }: Telemetry): void => {
      if (type === 'started') block(2000);
    };
    const job = createJob({ input: {}, limits: { ...roomy, evaluationTimeMs: 1500 }, telemetry: { next } });

    expect(await firstValueFrom(threadExecutor(evaluator('good'))(job))).toMatchObject({ sum: 6 });
  });

  it('in a whole run: the evaluation starts, breaks its limit and is gone within one step', async () => {
    const path = inTemporaryFolder('heartbeat');
    let blocked = { from: 0, to: 0 };
    const run = await recordedRun({
      epochs: 2,
      callbacks: [
        evaluation({
          name: named('blocked'),
          when: atEpochs([1]),
          input: () => ({ path }),
          executor: threadExecutor(evaluator('heartbeat')),
          sla: { ...roomy, evaluationTimeMs: 300 },
        }),
      ],
      epoch: async (epoch, trainer) => {
        await epoch.step(() => undefined);
        if (epoch.epoch === 2) await epoch.step(() => void (blocked = block(3000)));
        while (trainer.state.evaluationsInFlight.length > 0) await epoch.step(() => new Promise(setImmediate));
      },
    });

    const [end] = eventsOf(run.events, 'evaluation:end');
    expect(end).toMatchObject({ status: 'violated', violation: { rule: 'evaluationTimeMs', limit: 300 } });
    expect(Number(readFileSync(path, 'utf8'))).toBeLessThan(blocked.to - 500);
    expect(end!.violation!.goneAt).toBeLessThan(blocked.to - 500);
    expect(end!.violation!.lateByHostMs).toBeGreaterThan(500);
    expect(eventsOf(run.events, 'sla:unenforceable').map(({ rule }) => rule)).toEqual([
      'memoryMb',
      'gpuUtilizationPercent',
      'trainingImpactPercent',
    ]);
    expect(eventsOf(run.events, 'sla:unmeasured').filter(({ rule }) => rule === 'memoryMb')).toEqual([]);
    expectWhole(run);
  });
});

describe('the watchdog thread lost', () => {
  it('ends its evaluations with it, and the next one gets a new watchdog', async () => {
    const path = inTemporaryFolder('heartbeat');
    const next = ({ type }: Telemetry): void => {
      if (type === 'sample') void watchdog.then((worker) => worker.terminate());
    };
    const lost = threadExecutor(evaluator('heartbeat'))(createJob({ input: { path }, telemetry: { next } }));

    await expect(firstValueFrom(lost)).rejects.toMatchObject({ kind: 'crashed', code: 'WATCHDOG_LOST' });

    const beat = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    const last = beat();
    const after = threadExecutor(evaluator('good'))(createJob({ input: {} }));
    expect(await firstValueFrom(after)).toMatchObject({ sum: 6 });
    expect(beat()).toBe(last);
  });
});

describe('threads that an evaluator starts', () => {
  const heart = (then: 'answers' | 'spins' | 'exits') => ({ path: inTemporaryFolder('heartbeat'), then });

  it.each([
    ['answers', undefined],
    ['exits', 'EVALUATOR_CRASHED'],
    ['spins', 'SLA_VIOLATION'],
  ] as const)('end with it when it %s', async (then, code) => {
    const input = heart(then);
    const limits = then === 'spins' ? short : roomy;

    const { error } = await execute(threadExecutor(evaluator('starts-threads')), { input, limits });

    expect(error?.code).toBe(code);
    const last = readFileSync(input.path, 'utf8');
    expect(Number(last)).toBeGreaterThan(0);
    await execute(threadExecutor(evaluator('good')), { limits: roomy });
    expect(readFileSync(input.path, 'utf8')).toBe(last);
  });
});

describe('an order that cannot be sent to the watchdog', () => {
  it('fails by itself, and gives its slot to the next', async () => {
    const slots = new Slots(1);
    const job = createJob({ input: {}, limits: roomy });
    const run = (each: Job): Promise<unknown> =>
      new Promise((result, error) => {
        const input = threadInput(each.input, each.name);
        new ThreadExecution({ module: evaluator('good'), job: each, input, slots }).run({ result, error });
      });

    const refused = run({ ...job, logFolder: (() => 'what cannot be sent') as never });
    const next = run(job);

    await expect(refused).rejects.toMatchObject({
      kind: 'rejected',
      code: 'EVALUATION_NOT_STARTED',
      message: expect.stringMatching(/could not be handed to the watchdog thread: .*could not be cloned/) as string,
    });
    expect(await next).toMatchObject({ sum: 6 });
    await slots.idle();
  });
});

describe('a rule that a thread cannot hold', () => {
  it('is an error where it was written', () => {
    expect(() =>
      evaluation({
        name: 'vs-random',
        every: 1,
        executor: threadExecutor(evaluator('good')),
        sla: { memoryMb: 500 },
      }),
    ).toThrow(/"memoryMb", which its executor cannot hold: a worker thread shares the memory of the training process/);
  });
});
