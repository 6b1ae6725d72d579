import { existsSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createJob, type Executor, type JobOptions, type Telemetry } from '../../src/executors/index.ts';
import type { SupervisedWork } from '../../src/executors/supervised-execution.ts';
import { supervisedExecutor } from '../../src/executors/supervised-executor.ts';
import { supervisorLink } from '../../src/executors/supervisor-link.ts';
import { FakeSupervisor } from './fake-supervisor.ts';

const spawned = vi.hoisted(() => {
  vi.resetModules(); // other files of this worker have loaded the real one
  return { next: (): unknown => undefined };
});
vi.mock('../../src/executors/supervisor-process.ts', () => ({ startSupervisor: () => spawned.next() }));

afterAll(() => {
  vi.doUnmock('../../src/executors/supervisor-process.ts');
  vi.resetModules();
});

let supervisor: FakeSupervisor;
spawned.next = () => (supervisor = new FakeSupervisor()).child;
afterEach(() => {
  vi.useRealTimers();
});

const large = Buffer.alloc(300 * 1024);

function executorOf(work: Partial<SupervisedWork> = {}, concurrency = 1): Executor {
  return supervisedExecutor(
    {
      pack: () => ({ files: () => [{ name: 'input', chunks: [large], bytes: large.length }] }),
      program: () => ({ kind: 'command', argv: ['true'], cwd: '/' }),
      env: {},
      readResult: () => Promise.resolve('r'),
      readPartial: () => Promise.reject(new Error('none')),
      ...work,
    },
    concurrency,
  );
}

/** Runs a job, and keeps all that is heard of it. */
function run(executor: Executor, options: Partial<JobOptions<unknown>> = {}) {
  const told: Telemetry[] = [];
  const heard: unknown[] = [];
  const job = createJob<unknown>({ input: 1, ...options, telemetry: { next: (telling) => told.push(telling) } });
  const subscription = executor(job).subscribe({
    next: (value) => heard.push(value),
    error: (error: unknown) => heard.push(error),
  });
  return { job, told, heard, subscription };
}

/** The folders and files that are there of any evaluation. */
const leftovers = (): string[] =>
  supervisorLink().scratch.roots.flatMap((root) => (existsSync(root) ? readdirSync(root) : []));

const cleaned = () =>
  vi.waitFor(() => {
    expect(leftovers()).toEqual([]);
  });

const settled = { wallMs: 0, cpuMs: null, cpuShare: null, peakMemoryMb: null, startMs: 0, pausedMs: 0, goneMs: 0 };
const stopped = (id: string, queuedMs: number) =>
  ({
    type: 'settled',
    id,
    verdict: { kind: 'stopped', killedAt: 0, goneAt: 0 },
    usage: { ...settled, queuedMs },
    report: { items: { done: 0, running: null }, progress: null, partials: 0 },
    dropped: [],
    output: '',
    stdout: '',
    goneMachineMs: 0,
  }) as const;

describe('an execution that cannot begin', () => {
  it('because its order cannot be made fails, leaves no file, and gives its slot back', async () => {
    const executor = executorOf({
      program: () => {
        throw new Error('no such program');
      },
    });

    const { heard } = run(executor);
    await executor.idle?.();

    expect(heard).toEqual([expect.objectContaining({ message: expect.stringContaining('no such program') as string })]);
    await cleaned();
  });

  it('because there is no supervisor fails with EVALUATION_NOT_STARTED, and the next one has its turn', async () => {
    const executor = executorOf();
    const spawn = spawned.next;
    supervisor.dies();
    spawned.next = () => {
      throw new Error('spawn EMFILE');
    };
    const first = run(executor);
    spawned.next = spawn;
    expect(first.heard).toEqual([
      expect.objectContaining({ kind: 'rejected', code: 'EVALUATION_NOT_STARTED' }) as unknown,
    ]);
    expect(first.told.at(-1)).toMatchObject({ type: 'usage' });

    const second = run(executor);
    expect(supervisor.orders).toMatchObject([{ evaluationId: second.job.id }]);
    supervisor.tell(stopped(supervisor.orders[0]!.id, 0));
    await executor.idle?.();
    await cleaned();
  });

  it('because its input could not be written leaves no rejection behind', async () => {
    const pack = () => ({ files: () => [{ name: 'none/input', chunks: [large], bytes: large.length }] });
    const executor = executorOf({ pack });

    const { heard } = run(executor);
    const [order] = supervisor.orders.slice(-1);
    await vi.waitFor(() => {
      expect(supervisor.heard).toContainEqual({ type: 'kill', id: order!.id });
    });
    supervisor.tell(stopped(order!.id, 0));
    await executor.idle?.();
    await setImmediate();

    expect(heard).toEqual([expect.objectContaining({ code: 'INPUT_NOT_WRITTEN' })]);
    await cleaned();
  });
});

describe('an execution that never began tells the whole of its waiting', () => {
  const usageOf = (told: readonly Telemetry[]) => told.find(({ type }) => type === 'usage');

  it.each([
    ['was cancelled', (waiting: ReturnType<typeof run>) => waiting.job.abort('enough')],
    [
      'was unsubscribed from',
      (waiting: ReturnType<typeof run>) => {
        waiting.subscription.unsubscribe();
      },
    ],
  ])('where it %s while it waited for a slot', async (_, end) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const executor = executorOf();
    const first = run(executor);
    const waiting = run(executor);
    vi.advanceTimersByTime(40);

    end(waiting);

    expect(usageOf(waiting.told)).toEqual({ type: 'usage', usage: { queuedMs: 40 } });
    first.subscription.unsubscribe();
    supervisor.tell(stopped(supervisor.orders.at(-1)!.id, 0));
    await executor.idle?.();
    await cleaned();
  });

  it('where it was cancelled in the supervisor’s queue, after it had waited for a slot', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const executor = executorOf();
    const first = run(executor);
    const second = run(executor);
    vi.advanceTimersByTime(40);
    first.job.abort('enough');
    supervisor.tell(stopped(supervisor.orders.at(-1)!.id, 0));
    await setImmediate();
    expect(supervisor.orders.at(-1)?.evaluationId).toBe(second.job.id);

    second.job.abort('enough');
    supervisor.tell(stopped(supervisor.orders.at(-1)!.id, 25));
    await executor.idle?.();

    expect(usageOf(second.told)).toMatchObject({ usage: { queuedMs: 65 } });
    await cleaned();
  });
});

describe('what its supervisor could not measure', () => {
  it.each([
    ['gpuUtilizationPercent', {}, true],
    ['gpuMemoryMb', {}, false],
    ['gpuMemoryMb', { gpuMemoryMb: { limit: 1, action: 'abort', sustainMs: 0, whenUnmeasured: 'report' } }, true],
  ] as const)('is told of %s under the limits %j: %s', async (rule, limits, isTold) => {
    const executor = executorOf();
    const { told } = run(executor, { limits });
    const { id } = supervisor.orders.at(-1)!;
    supervisor.tell({ type: 'unmeasured', id, rule, why: 'no driver' });
    supervisor.tell(stopped(id, 0));
    await executor.idle?.();

    const expected = isTold ? [{ type: 'unmeasured', rule, why: 'no driver' }] : [];
    expect(told.filter(({ type }) => type === 'unmeasured')).toEqual(expected);
    await cleaned();
  });

  it('is null where the supervisor was lost: how long it was paused, and how long its processes took to end', async () => {
    const executor = executorOf();
    const { told, heard } = run(executor);
    supervisor.dies();
    supervisor.tell({ type: 'hello' });
    await executor.idle?.();

    expect(heard).toEqual([expect.objectContaining({ code: 'SUPERVISOR_LOST' })]);
    expect(told.filter(({ type }) => type === 'usage')).toEqual([
      { type: 'usage', usage: { pausedMs: null, goneMs: null } },
    ]);
    await cleaned();
  });
});
