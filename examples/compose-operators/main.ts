// An executor without a trainer: it turns a job into a cold Observable, and to unsubscribe from it is to kill.
// So RxJS's own timeout, switchMap and retry end real processes, and start them again.
// Each part prints what came out and whether the process that did the work is still alive.
import { defer, firstValueFrom, retry, switchMap, take, timeout, timer } from 'rxjs';
import { createJob, processExecutor, type Job, type Telemetry } from 'pitwall';
import type { Task } from './evaluate.ts';
import { isAlive } from './is-alive.ts';

const execute = processExecutor<Task, string>(new URL('./evaluate.ts', import.meta.url), { concurrency: 1 });

/** Makes a job and notes the ids of the processes that work on it. */
const pids: number[] = [];
function jobOf(task: Task): Job<Task> {
  const next = (telling: Telemetry): void => {
    if (telling.type === 'started' && telling.pid !== undefined) pids.push(telling.pid);
  };
  return createJob({ input: task, telemetry: { next } });
}

// timeout: the error comes at once, and the process is killed by the unsubscription.
const slow$ = execute(jobOf({ kind: 'spin' })).pipe(timeout(3000));
const timedOut = await firstValueFrom(slow$).catch((error: unknown) => (error as Error).name);
await execute.idle?.(); // resolves when nothing of it is left
console.log(`timeout: ${timedOut}; alive: ${pids.filter(isAlive).length} of ${pids.length}`);

// switchMap: each new checkpoint ends the evaluation of the one before, and only the last one answers.
const latest$ = timer(0, 300).pipe(
  take(3),
  switchMap((checkpoint) => execute(jobOf({ kind: 'answer', checkpoint }))),
);
console.log(`switchMap: ${await firstValueFrom(latest$)}`);

// retry: each attempt is a subscription, and so a process of its own.
let attempt = 0;
const flaky$ = defer(() => execute(jobOf({ kind: 'crash-once', attempt: ++attempt }))).pipe(retry(2));
console.log(`retry: ${await firstValueFrom(flaky$)}`);

await execute.idle?.();
console.log(`processes still alive: ${pids.filter(isAlive).length}`);
