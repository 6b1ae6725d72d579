import { availableParallelism } from 'node:os';
import { Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Executor, HardRule, Job } from './executor.ts';
import { wholeJob } from './job.ts';
import { evaluatorUrl } from './sibling-url.ts';
import { Slots } from './slots.ts';
import { withStandIn } from './stand-in.ts';
import { sharedMemory, ThreadExecution } from './thread-execution.ts';
import { threadInput, type ThreadInput } from './thread-input.ts';
import { watchdogLink } from './thread-link.ts';

const optionsSchema = z.strictObject({
  concurrency: z.int().positive().optional().describe('a whole number from 1 on: how many run at once'),
});

/** Options of {@link threadExecutor}. */
export type ThreadExecutorOptions = Readonly<z.input<typeof optionsSchema>>;

const enforces: readonly HardRule[] = ['evaluationTimeMs', 'startTimeMs', 'itemTimeMs'];
const cannotEnforce = {
  memoryMb: sharedMemory,
  cpuPercent: 'a thread cannot be paused apart from the training process',
  gpuUtilizationPercent: 'a thread uses the GPU as the training process',
  gpuMemoryMb: 'a thread uses the GPU as the training process',
  trainingImpactPercent: 'a thread cannot be paused apart from the training process, so what it costs cannot be told',
};

/**
 * Runs an evaluator's module in a worker thread of this process: it starts sooner than a process, and is for code that you trust.
 *
 * The limits of time are held by a watchdog thread, which starts and ends the evaluations' threads however long this thread is
 * busy. **What it cannot contain**: memory (a thread that takes too much ends the whole process, the training too), native code
 * that crashes or never returns, `process.abort` and `process.kill`, and processes that the evaluator starts. A thread inside a
 * blocking call (`execSync`, a read of a pipe) ends when that call returns: 5 s after its limit the execution errors all the same,
 * without `goneAt`, and its slot stays taken.
 *
 * @param url the evaluator's module, a `file:` URL
 * @param options `concurrency`: how many run at once (default: the number of cores less one, at least 1)
 * @throws {ConfigurationError} for a URL that is not `file:`, and for unknown or wrong options.
 *
 * @example
 * evaluation({
 *   name: 'holdout',
 *   every: 1,
 *   executor: threadExecutor(new URL('./evaluate.js', import.meta.url)),
 *   sla: { evaluationTimeMs: 10_000 },
 * });
 */
export function threadExecutor<I = unknown, O = unknown>(
  url: URL | string,
  options: ThreadExecutorOptions = {},
): Executor<I, O> {
  const module = evaluatorUrl(url);
  const parsed = parseOptions(optionsSchema, options, 'The options of threadExecutor');
  const { concurrency = Math.max(1, availableParallelism() - 1) } = parsed;
  const slots = new Slots(concurrency);
  const inputs = new WeakMap<Job, ThreadInput>();
  /** Packed memory is moved away with its execution: who runs the same job once more packs it anew. */
  const takeInput = (job: Job): ThreadInput => {
    const packed = inputs.get(job) ?? threadInput(job.input, job.name);
    inputs.delete(job);
    return packed;
  };
  watchdogLink().prepare();

  const execute = (given: Job<I>): Observable<O> => {
    const job = wholeJob(given);
    return new Observable<O>((subscriber) => {
      job.telemetry.next({ type: 'accepted', enforces });
      const execution = new ThreadExecution({ module, job, input: takeInput(job), slots });
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
  const executor = Object.assign(execute, {
    enforces,
    cannotEnforce,
    slots: concurrency,
    pack: (job: Job<never>) => {
      inputs.set(job, threadInput(job.input, job.name));
    },
    forget: (job: Job<never>) => {
      inputs.delete(job);
    },
    idle: () => slots.idle(),
  });
  return withStandIn(executor, { kind: 'thread', with: (other) => threadExecutor(other, options) });
}
