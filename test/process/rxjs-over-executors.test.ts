import {
  defer,
  firstValueFrom,
  map,
  merge,
  NEVER,
  race,
  retry,
  Subject,
  switchMap,
  takeUntil,
  timeout,
  TimeoutError,
  toArray,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createJob, processExecutor, type Job, type Telemetry } from '../../src/executors/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { evaluationMark } from '../../src/wire/index.ts';
import { evaluator } from './evaluators/index.ts';
import { missing } from './needs.ts';

const roomy = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };

/** An evaluator that never ends by itself: `started$` tells its process, which burns a core from then on. */
function spinning() {
  const started$ = new Subject<number>();
  const job: Job = createJob({
    input: {},
    name: 'spin',
    limits: roomy,
    telemetry: {
      next: (each: Telemetry) => {
        if (each.type === 'started') started$.next(each.pid ?? 0);
      },
    },
  });
  const execute = processExecutor(evaluator('spin'));
  /** Its processes once the executor has nothing left to do. */
  const left = async (): Promise<readonly number[]> => {
    await execute.idle?.();
    return processesMarked(evaluationMark, job.id);
  };
  return { execution$: execute(job), started$, left };
}

const good$ = defer(() => processExecutor(evaluator('good'))(createJob({ input: {}, limits: roomy })));

describe.skipIf(missing())('an RxJS operator over an executor ends the process', () => {
  it('timeout', async () => {
    const { execution$, left } = spinning();

    await expect(firstValueFrom(execution$.pipe(timeout({ each: 700 })))).rejects.toThrow(TimeoutError);

    expect(await left()).toEqual([]);
  });

  it('takeUntil', async () => {
    const { execution$, started$, left } = spinning();

    const values = await firstValueFrom(execution$.pipe(takeUntil(started$), toArray()));

    expect(values).toEqual([]);
    expect(await left()).toEqual([]);
  });

  it('switchMap ends the former one and lets the latter answer', async () => {
    const { execution$, started$, left } = spinning();
    const requests$ = new Subject<'spin' | 'good'>();
    started$.subscribe(() => {
      requests$.next('good');
    });
    const answered = firstValueFrom(requests$.pipe(switchMap((name) => (name === 'spin' ? execution$ : good$))));
    requests$.next('spin');

    expect(await answered).toMatchObject({ sum: 6 });
    expect(await left()).toEqual([]);
  });

  it('race ends the loser', async () => {
    const { execution$, started$, left } = spinning();

    expect(await firstValueFrom(race(execution$, started$.pipe(map(() => 'started')), NEVER))).toBe('started');

    expect(await left()).toEqual([]);
  });

  it('firstValueFrom ends what else runs when it has its value', async () => {
    const { execution$, started$, left } = spinning();

    const first = await firstValueFrom(merge(execution$, started$.pipe(switchMap(() => good$))));

    expect(first).toMatchObject({ sum: 6 });
    expect(await left()).toEqual([]);
  });

  it('retry ends each attempt before the next, and the last', async () => {
    const executor = processExecutor(evaluator('spin'));
    const jobs: Job[] = [];
    const aliveAtStart: number[] = [];
    const attempt$ = defer(() => {
      const job = createJob({ input: {}, limits: roomy });
      jobs.push(job);
      return executor(job).pipe(timeout({ each: 700 }));
    });
    const alive = (): number => jobs.flatMap(({ id }) => processesMarked(evaluationMark, id)).length;

    const attempts = attempt$.pipe(
      retry({
        count: 2,
        delay: async () => {
          await executor.idle?.();
          aliveAtStart.push(alive());
        },
      }),
    );

    await expect(firstValueFrom(attempts)).rejects.toThrow(TimeoutError);
    await executor.idle?.();
    expect(jobs).toHaveLength(3);
    expect(aliveAtStart).toEqual([0, 0]);
    expect(alive()).toBe(0);
  });

  it('an unsubscription at once, before the process has begun anything, leaves nothing of it', async () => {
    const { execution$, left } = spinning();

    execution$.subscribe().unsubscribe();

    expect(await left()).toEqual([]);
  });
});
