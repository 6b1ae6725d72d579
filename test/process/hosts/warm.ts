// A host with a warm evaluator: prints what it answered, and has nothing more to do.
import { firstValueFrom } from 'rxjs';
import { createJob, processExecutor } from '../../../src/executors/index.ts';
import { evaluator } from '../evaluators/index.ts';

const run = processExecutor(evaluator('remembers'), { warm: true });
console.log(JSON.stringify(await firstValueFrom(run(createJob({ input: {} })))));
