import { readFileSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createJob, processExecutor, type Telemetry } from '../../src/executors/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';
import { evaluator } from './evaluators/index.ts';
import { told } from './execute.ts';
import { missing } from './needs.ts';

const roomy = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };

/** The state of a process as the system tells it: `T` is stopped. */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '';
}

const isNoTimeout = (pid: number): boolean => readFileSync(`/proc/${pid}/comm`, 'latin1') !== 'timeout\n';
const isEndless = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('for (;;);');
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An evaluation that burns with a child of its own, and what it tells; `heard` waits for one telling. */
function burning(id: string) {
  const telemetry: Telemetry[] = [];
  const waiting = new Set<() => void>();
  const job = createJob({
    input: { withChild: true },
    id,
    limits: roomy,
    graceMs: 10_000,
    telemetry: {
      next: (each: Telemetry) => {
        telemetry.push(each);
        for (const look of waiting) look();
      },
    },
  });
  const heard = (is: (each: Telemetry) => boolean): Promise<Telemetry> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = telemetry.find(is);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const ended = firstValueFrom(processExecutor(evaluator('burns'))(job)).catch((error: unknown) => error);
  return { job, telemetry, heard, ended };
}

const paced = (order: number, isPaused: boolean) => (each: Telemetry) =>
  each.type === 'paced' && each.order === order && each.isPaused === isPaused;

describe.skipIf(missing('setpriv'))('an order to pause', () => {
  it('stops all that an evaluation has started, says since when, and lets it go on', async () => {
    const { job, telemetry, heard, ended } = burning('paced-1');
    await heard(({ type }) => type === 'started');
    const processes = (): readonly number[] => processesMarked(evaluationMark, 'paced-1').filter(isNoTimeout);
    while (processes().length < 2) await nextTurn();

    expect(job.pace({ order: 7, pauseMs: 30_000 })).toBe(true);
    const stopped = await heard(paced(7, true));
    expect(stopped).toMatchObject({ agoMs: expect.any(Number) as number });
    while (processes().some((pid) => stateOf(pid) !== 'T')) await nextTurn();

    job.pace({ order: 8, pauseMs: 0 });
    await heard(paced(8, false));
    while (processes().some((pid) => stateOf(pid) === 'T')) await nextTurn();
    job.abort('enough');
    expect(await ended).toMatchObject({ kind: 'cancelled' });
    expect(told(telemetry, 'usage')[0]?.usage.pausedMs).toBeGreaterThan(0);
  });

  // It was woken by each of our pauses.
  it('leaves stopped what was stopped before, and lets go on what was not', async () => {
    const { job, heard, ended } = burning('paced-4');
    const { pid: own = 0 } = (await heard(({ type }) => type === 'started')) as { readonly pid?: number };
    // Not before it has become its own program: until then its parent waits for it.
    const children = (): readonly number[] => processesMarked(evaluationMark, 'paced-4').filter(isEndless);
    while (children().length === 0) await nextTurn();
    const [child = 0] = children();
    process.kill(child, 'SIGSTOP');
    while (stateOf(child) !== 'T') await nextTurn();

    for (const order of [1, 3]) {
      job.pace({ order, pauseMs: 30_000 });
      await heard(paced(order, true));
      while (stateOf(own) !== 'T') await nextTurn();
      job.pace({ order: order + 1, pauseMs: 0 });
      await heard(paced(order + 1, false));
      while (stateOf(own) === 'T') await nextTurn();
      expect(stateOf(child)).toBe('T');
    }
    process.kill(child, 'SIGCONT');
    job.pace({ order: 5, pauseMs: 30_000 });
    await heard(paced(5, true));
    while ([own, child].some((pid) => stateOf(pid) !== 'T')) await nextTurn();
    job.pace({ order: 6, pauseMs: 0 });
    while ([own, child].some((pid) => stateOf(pid) === 'T')) await nextTurn();
    job.abort('enough');

    expect(await ended).toMatchObject({ kind: 'cancelled' });
  });

  it('ends by itself where the training makes no more steps', async () => {
    const { job, heard, ended } = burning('paced-2');
    await heard(({ type }) => type === 'started');

    job.pace({ order: 1, pauseMs: 50 });
    await heard(paced(1, true));
    await heard(paced(1, false));
    job.abort('enough');
    expect(await ended).toMatchObject({ kind: 'cancelled' });
  });

  it('does not keep what is paused from its end: a broken limit kills it, an abort lets it answer', async () => {
    const aborted = burning('paced-3');
    await aborted.heard(({ type }) => type === 'started');
    aborted.job.pace({ order: 1, pauseMs: 60_000 });
    await aborted.heard(paced(1, true));
    aborted.job.abort('enough');

    expect(await aborted.ended).toMatchObject({ kind: 'cancelled' });
    expect(told(aborted.telemetry, 'partial').at(-1)?.value).toEqual({ stopped: true });

    const telemetry: Telemetry[] = [];
    const job = createJob({
      input: {},
      limits: { ...roomy, evaluationTimeMs: 500 },
      telemetry: {
        next: (each: Telemetry) => {
          telemetry.push(each);
          if (each.type === 'started') job.pace({ order: 1, pauseMs: 60_000 });
        },
      },
    });
    const ended = await firstValueFrom(processExecutor(evaluator('burns'))(job)).catch((error: unknown) => error);
    expect(ended).toMatchObject({ kind: 'violation', violation: { rule: 'evaluationTimeMs' } });
    expect((ended as { violation: { pausedMs: number } }).violation.pausedMs).toBeGreaterThan(100);
  });
});
