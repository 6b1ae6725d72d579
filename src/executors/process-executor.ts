import { availableParallelism } from 'node:os';
import { Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Executor, HardRule, Job } from './executor.ts';
import { wholeJob } from './job.ts';
import { ProcessExecution } from './process-execution.ts';
import { evaluatorUrl } from './sibling-url.ts';
import { Slots } from './slots.ts';
import { supervisorLink } from './supervisor-link.ts';
import { packed, type PackedInput } from './packed-input.ts';

const optionsSchema = z.strictObject({
  concurrency: z.number().int().positive().optional().describe('a whole number from 1 on: how many run at once'),
  nodeArgs: z.array(z.string()).optional().describe('an array of arguments for Node: ["--max-old-space-size=512"]'),
  env: z
    .record(z.string().regex(/^[^=\0]+$/), z.string().regex(/^[^\0]*$/))
    .optional()
    .describe('an object of environment variables: names without "=", and strings'),
});

/** Options of {@link processExecutor}. */
export type ProcessExecutorOptions = Readonly<z.input<typeof optionsSchema>>;

const enforces: readonly HardRule[] = ['evaluationTimeMs', 'startTimeMs', 'itemTimeMs', 'memoryMb'];

/**
 * Runs an evaluator's module in a process of its own, under the supervisor: a limit is held there while it runs, however busy this
 * process is, and the whole process tree is ended with it.
 *
 * @param url the evaluator's module, a `file:` URL
 * @param options `concurrency`: how many run at once (default: the number of cores); `nodeArgs`: arguments for the evaluator's Node,
 * beside those of this process; `env`: environment variables, beside those that this process had when its supervisor started
 * @throws {ConfigurationError} for a URL that is not `file:`, and for unknown or wrong options.
 *
 * @example
 * const executor = processExecutor(new URL('./evaluate.js', import.meta.url), { concurrency: 2 });
 * const result = await firstValueFrom(executor(createJob({ input: { epoch: 3 } })).pipe(timeout(10_000)));
 */
export function processExecutor<I = unknown, O = unknown>(
  url: URL | string,
  options: ProcessExecutorOptions = {},
): Executor<I, O> {
  const module = evaluatorUrl(url);
  const parsed = parseOptions(optionsSchema, options, 'The options of processExecutor');
  const { concurrency = availableParallelism(), nodeArgs = [], env = {} } = parsed;
  const slots = new Slots(concurrency);
  const packedInputs = new WeakMap<Job, PackedInput>();
  const inputOf = (job: Job): PackedInput => packedInputs.get(job) ?? packed(job.input, job.name);
  supervisorLink().prepare();

  const execute = (given: Job<I>): Observable<O> => {
    const job = wholeJob(given);
    return new Observable<O>((subscriber) => {
      job.telemetry.next({ type: 'accepted', enforces });
      const execution = new ProcessExecution({ module, nodeArgs, env, job, input: () => inputOf(job), slots });
      return execution.run({
        result: (value) => {
          subscriber.next(value as O);
          subscriber.complete();
        },
        error: (error) => {
          subscriber.error(error);
        },
      });
    });
  };
  return Object.assign(execute, {
    enforces,
    slots: concurrency,
    pack: (job: Job<never>) => {
      packedInputs.set(job, packed(job.input, job.name));
    },
    idle: () => slots.idle(),
  });
}
