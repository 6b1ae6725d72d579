import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { createJob, processExecutor, type HardLimits } from '../../src/executors/index.ts';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { childrenOf, isAlive, readProc } from '../../src/probes/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told, type Executed } from './execute.ts';
import { missing } from './needs.ts';
import { strayToken, straysOf } from './strays.ts';

const limits: HardLimits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };

interface Remembered {
  readonly pid: number;
  readonly served: number;
  readonly ticks: number;
}

/** One executor of its own: warm processes are shared between executors of the same module, environment and limits. */
let executors = 0;
function warmExecutor(options: { readonly recycleAfter?: number; readonly concurrency?: number } = {}) {
  const run = processExecutor(evaluator('remembers'), {
    warm: true,
    env: { PITWALL_TEST_EXECUTOR: `${process.pid}.${++executors}` },
    ...options,
  });
  return async (does?: string, more: HardLimits = limits): Promise<Executed & { readonly answer: Remembered }> => {
    const executed = await execute(run, { input: { does }, limits: more });
    return { ...executed, answer: executed.result as Remembered };
  };
}

describe.skipIf(missing('setpriv', 'timeout', 'sleep'))('a warm evaluator', () => {
  it('serves one evaluation after the other, and tells of each what a cold one would', async () => {
    const run = warmExecutor({ concurrency: 1 });

    const first = await run();
    const second = await run();

    expect(second.answer).toMatchObject({ pid: first.answer.pid, served: 2 });
    expect(told(second.telemetry, 'started')).toEqual([expect.objectContaining({ pid: second.answer.pid }) as unknown]);
    const [usage] = told(second.telemetry, 'usage');
    expect(usage?.usage.peakMemoryMb).toBeGreaterThan(10);
    expect(usage?.usage.startMs).toBeLessThan(told(first.telemetry, 'usage')[0]?.usage.startMs ?? 0);
  });

  it('is stopped while it waits, so that what an evaluation has left running in it costs nothing', async () => {
    const run = warmExecutor({ concurrency: 1 });

    const { answer } = await run('leave a timer');

    await vi.waitFor(() => {
      expect(readProc(`/proc/${answer.pid}/stat`)?.split(') ')[1]?.[0]).toBe('T');
    }, 20_000);
    expect((await run()).answer.pid).toBe(answer.pid);
  });

  it('is replaced where what an evaluation has left in it ends it, before the next has begun', async () => {
    const run = processExecutor(evaluator('leaves-an-exit'), { warm: true, concurrency: 1 });
    const afterMs = 20;

    const first = await execute(run, { input: { afterMs }, limits });
    await new Promise((resolve) => setTimeout(resolve, 2 * afterMs));
    const second = await execute(run, { input: { afterMs: 60_000 }, limits });

    expect(second.error).toBeUndefined();
    expect(second.result).not.toEqual(first.result);
    expect(told(second.telemetry, 'started')).toHaveLength(1);
    expect(told(second.telemetry, 'usage')).toHaveLength(1);
  });

  it('may be asked for by one that is cancelled in the same breath', async () => {
    const run = processExecutor(evaluator('leaves-an-exit'), { warm: true, concurrency: 1 });
    for (let round = 0; round < 5; round++) {
      const afterMs = 5;
      await execute(run, { input: { afterMs }, limits });
      await new Promise((resolve) => setTimeout(resolve, 2 * afterMs));
      const job = createJob({ input: { afterMs }, limits });
      const ended = firstValueFrom(run(job)).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, round));
      job.abort('not wanted any more');

      expect(await ended).toMatchObject({ kind: 'cancelled' });
      await run.idle?.();
    }
  });

  it('loses the children that an evaluation has started, and not itself', async () => {
    const run = warmExecutor({ concurrency: 1 });

    const { answer } = await run('leave a child');

    expect(isAlive(answer.pid)).toBe(true);
    // What it has not reaped yet, being stopped, is dead all the same.
    expect(childrenOf(answer.pid).filter(isAlive)).toEqual([]);
    expect((await run()).answer.pid).toBe(answer.pid);
  });

  /** A look at the processes may meet the parent of an orphan, gone by then, and not the orphan, which is born meanwhile. */
  it('loses the orphans that are born in the moment of its answer', async () => {
    const run = processExecutor(evaluator('orphans'), { warm: true, concurrency: 4 });
    const token = strayToken();

    const strays: number[] = [];
    for (let round = 1; round <= 15; round++) {
      const four = Array.from({ length: 4 }, () =>
        execute(run, { input: { how: 'orphaned', token, answers: true }, limits }),
      );
      for (const { result } of await Promise.all(four)) expect(result).toEqual({ left: 1 });
      strays.push(...straysOf(token));
    }
    strays.forEach((pid) => process.kill(pid, 'SIGKILL'));

    expect(strays).toEqual([]);
  });

  it('gives its children the id of the evaluation that they belong to', async () => {
    const run = processExecutor(evaluator('remembers'), { warm: true, concurrency: 1, env: { PITWALL_TEST: 'ids' } });

    const ids = ['one', 'two'].map(
      async (id) => (await execute(run, { id, input: { does: 'see its environment' }, limits })).result,
    );

    expect(await Promise.all(ids)).toEqual(['one', 'two']);
  });

  it.each<[string, HardLimits, string]>([
    ['throw', limits, 'crashed'],
    ['spin', { ...limits, evaluationTimeMs: 300 }, 'violation'],
  ])('is replaced after an evaluation that did %s', async (does, more, kind) => {
    const run = warmExecutor({ concurrency: 1 });
    const before = await run(undefined, more);

    const { error } = await run(does, more);
    const after = await run(undefined, more);

    expect(error?.kind).toBe(kind);
    expect(isAlive(before.answer.pid)).toBe(false);
    expect(after.answer.pid).not.toBe(before.answer.pid);
    expect(after.answer.served).toBe(1);
  });

  it('is replaced when it has served as often as it may', async () => {
    const run = warmExecutor({ concurrency: 1, recycleAfter: 2 });

    const served: number[] = [];
    for (let evaluation = 1; evaluation <= 5; evaluation++) served.push((await run()).answer.served);

    expect(served).toEqual([1, 2, 1, 2, 1]);
  });

  it('comes back to its place: none is loaded for that place while it serves', async () => {
    const run = warmExecutor({ concurrency: 1, recycleAfter: 2 });

    const served: number[] = [];
    for (const does of [undefined, undefined, 'take its time', undefined]) served.push((await run(does)).answer.served);

    expect(served).toEqual([1, 2, 1, 2]);
  });

  it('is not given to an evaluation with other limits, which its process was not started under', async () => {
    const run = warmExecutor({ concurrency: 1 });

    const { answer } = await run();
    const other = await run(undefined, { ...limits, memoryMb: 500 });

    expect(other.answer.pid).not.toBe(answer.pid);
  });

  it('that was killed while it waited is not given to anybody', async () => {
    const run = warmExecutor({ concurrency: 1 });
    const { answer } = await run();

    process.kill(answer.pid, 'SIGKILL');
    // It may be given out in the moment before its end is known.
    const { answer: next } = await run();

    expect(next.pid).not.toBe(answer.pid);
  });

  it('ends with its host', async () => {
    const { stdout } = await hostThatEnds();

    const { pid } = JSON.parse(stdout) as { pid: number };
    // Its supervisor hears of the end, and sends the kill.
    await vi.waitFor(() => {
      expect(isAlive(pid)).toBe(false);
    }, 20_000);
  });
});

/** A host that evaluates once, warm, and comes to its end by itself: an idle evaluator keeps nobody alive. */
async function hostThatEnds(): Promise<{ readonly stdout: string }> {
  const host = siblingEntry('./hosts/warm', import.meta.url);
  return promisify(execFile)(process.execPath, [fileURLToPath(host)]);
}

describe.skipIf(missing('setpriv'))('what the warm evaluators of a run print', () => {
  it('is told of each evaluation apart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-logs-'));
    const run = processExecutor(evaluator('remembers'), { warm: true, concurrency: 1, env: { PITWALL_TEST: 'logs' } });

    for (const id of ['first', 'second'])
      await execute(run, { id, limits, logFolder: join(folder, 'output', id), input: {} });

    expect(readFileSync(join(folder, 'output', 'first', 'stdout.log'), 'utf8')).toMatch(/^evaluation 1 in \d+\n$/);
    expect(readFileSync(join(folder, 'output', 'second', 'stdout.log'), 'utf8')).toMatch(/^evaluation 2 in \d+\n$/);
  });
});
