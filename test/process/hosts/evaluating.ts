// A host with one evaluation that spins and has left children of its own; it tells the processes, then waits to be ended.
import { readdirSync } from 'node:fs';
import { firstValueFrom } from 'rxjs';
import { createJob, processExecutor } from '../../../src/executors/index.ts';
import { childrenOf, processesMarked } from '../../../src/probes/index.ts';
import { evaluationMark } from '../../../src/wire/index.ts';
import { evaluator } from '../evaluators/index.ts';

const name = process.argv[2] ?? 'leaves-grandchildren';
const executor = processExecutor(evaluator(name));
const tell = (message: object): void => {
  console.log(JSON.stringify(message));
};
const job = createJob({
  input: { afterMs: 600_000 },
  limits: { startTimeMs: 60_000 },
  telemetry: {
    next: (told) => {
      if (told.type !== 'sample') return;
      // By the first sample it has worked for 100 ms: its children are there.
      const [supervisor] = childrenOf(process.pid);
      tell({
        processes: [supervisor, ...processesMarked(evaluationMark, job.id)],
        supervisor,
        scratch: scratchFolders(),
      });
    },
  },
});
await firstValueFrom(executor(job)).catch((error: unknown) => {
  const { code, kind } = error as { code: string; kind: string };
  tell({ ended: code, kind, alive: processesMarked(evaluationMark, job.id) });
});
// The next one gets a new supervisor.
const second = createJob({ input: { afterMs: 1 }, limits: { startTimeMs: 60_000 } });
tell({ second: await firstValueFrom(executor(second)), supervisors: childrenOf(process.pid) });

function scratchFolders(): string[] {
  return readdirSync('/dev/shm').filter((folder) => folder.startsWith(`pitwall-${process.pid}-`));
}
