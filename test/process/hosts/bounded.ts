// A host whose evaluations are bounded together: starts as many as it is told, and prints who started and ended, in order.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forkJoin, tap } from 'rxjs';
import { boundEvaluations, createJob, processExecutor, type Telemetry } from '../../../src/executors/index.ts';
import { evaluator } from '../evaluators/index.ts';

interface Plan {
  readonly capacity: { readonly maxProcesses?: number; readonly totalMemoryMb?: number };
  readonly memoryMb: readonly number[];
  readonly folder: string;
  readonly warm?: boolean;
}
const { capacity, memoryMb, folder, warm = false } = JSON.parse(process.argv[2] ?? '') as Plan;

boundEvaluations(capacity);
const until = join(folder, 'now');
const told: string[] = [];
let running = 0;
let most = 0;
const executors = memoryMb.map((_, index) =>
  // Each of its own, so that no executor's slots bound them.
  processExecutor(evaluator('holds'), { concurrency: 1, warm, env: { PITWALL_TEST_EXECUTOR: String(index) } }),
);
forkJoin(
  executors.map((run, index) => {
    const telemetry = {
      next: ({ type }: Telemetry): void => {
        if (type !== 'started') return;
        told.push(`${index} started`);
        most = Math.max(most, ++running);
        // The first that come let each other end: who has to wait is still waiting then.
        if (running === Number(process.argv[3])) writeFileSync(until, '');
      },
    };
    const limits = { memoryMb: memoryMb[index] ?? 0, evaluationTimeMs: 60_000, startTimeMs: 60_000 };
    return run(createJob({ input: { until }, limits, telemetry })).pipe(
      tap(() => {
        running--;
        told.push(`${index} ended`);
      }),
    );
  }),
).subscribe((pids) => {
  console.log(JSON.stringify({ told, most, processes: new Set(pids).size }));
});
