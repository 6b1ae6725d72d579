// A host whose thread is blocked for two seconds while its evaluation has a limit of 300 ms.
import { firstValueFrom } from 'rxjs';
import { createJob, processExecutor } from '../../../src/executors/index.ts';
import { evaluator } from '../evaluators/index.ts';

const [path = ''] = process.argv.slice(2);
const job = createJob({
  input: { path },
  limits: { evaluationTimeMs: 300, startTimeMs: 60_000 },
  telemetry: {
    next: ({ type }) => {
      if (type !== 'started') return;
      const from = Date.now();
      while (Date.now() - from < 2000);
      console.log(JSON.stringify({ blockedFrom: from, blockedTo: Date.now() }));
    },
  },
});
const ended = await firstValueFrom(processExecutor(evaluator('heartbeat'))(job)).catch((error: unknown) => error);
console.log(JSON.stringify({ violation: (ended as { violation?: unknown }).violation ?? String(ended) }));
