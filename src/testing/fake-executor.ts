import { Observable } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { createJob, type Executor, type Job, type JobOptions } from '../executors/index.ts';
import { FakeExecution, type FakeStatus } from './fake-execution.ts';
import { courseOf, type FakeScript } from './fake-script.ts';
import { FakeSlots } from './fake-slots.ts';
import { clockOfFake, type FakeTime } from './fake-time.ts';

/** Options of {@link fakeExecutor}. */
export type FakeExecutorOptions = FakeTime & {
  /** How many executions run at once; the rest wait. Without it there is no bound. */
  readonly slots?: number;
  /** From its slot to the beginning of its work, in ms; 0 by default. */
  readonly startMs?: number;
  /** From the kill to the end of its last process, in ms; 0 by default. Until then it holds its slot. */
  readonly goneMs?: number;
};

/** An executor that does as it is told, and what it was asked for. */
export interface FakeExecutor<I = unknown, O = unknown> extends Executor<I, O> {
  /** Every execution that was subscribed to, in order. */
  readonly executions: readonly { readonly job: Job<I>; readonly status: FakeStatus; readonly isGone: boolean }[];
  readonly idle: () => Promise<void>;
}

const milliseconds = z.number().nonnegative().describe('milliseconds, from 0 on').default(0);

const optionsSchema = z.strictObject({
  clock: z.unknown().optional(),
  scheduler: z.unknown().optional(),
  slots: z.int().positive().describe('a whole number of executions, from 1 on').default(Number.MAX_SAFE_INTEGER),
  startMs: milliseconds,
  goneMs: milliseconds,
});

/**
 * Makes an executor that follows a script, in virtual time and without a process.
 *
 *     [{ atMs: 2, sample: 300 }, { atMs: 5, result: 0.6 }]   ->   --s--(r|)
 *
 * It behaves as a real one does: its limits count from `started`, which is told once a slot is free and `startMs` have passed. An
 * abort by `job.abort` and an unsubscription end it, whatever its script says; it is gone `goneMs` later, and only then gives its
 * slot back, tells its `usage`, errors where it was aborted, and is `idle`. It holds no limit itself: the host's safeguards do,
 * so that an SLA can be tested in virtual time.
 *
 * @param script the moments of every execution, or a function that gives those of one: of its job, and of its number from 1
 * @param options the time it runs in, `{ clock }` or `{ scheduler }`, its `slots`, `startMs` and `goneMs`
 * @throws {ConfigurationError} one sentence about the first mistake in script or options.
 *
 * @example
 * const clock = new VirtualClock();
 * const executor = fakeExecutor([{ atMs: 100, sample: 300 }, { atMs: 200, progress: 1 }, { atMs: 500, result: { winRate: 0.6 } }], { clock });
 * trainer.register(evaluation({ name: 'vs-random', every: 1, executor, input: ({ epoch }) => epoch }));
 */
export function fakeExecutor<I = unknown, O = unknown>(
  script: FakeScript | ((job: Job<I>, number: number) => FakeScript),
  options: FakeExecutorOptions,
): FakeExecutor<I, O> {
  const clock = clockOfFake(options, 'fakeExecutor(script, options)');
  const { slots: count, ...durations } = parseOptions(optionsSchema, options, 'The options of fakeExecutor');
  const course = typeof script === 'function' ? undefined : courseOf(script);
  const slots = new FakeSlots(count);
  const executions: FakeExecution<O>[] = [];

  const execute = (given: Job<I> | JobOptions<I>): Observable<O> => {
    const job = jobOf(given);
    return new Observable<O>((subscriber) => {
      const own =
        course ?? courseOf((script as (job: Job<I>, number: number) => FakeScript)(job, executions.length + 1));
      const execution = new FakeExecution<O>(job, own, { clock, slots, durations });
      executions.push(execution);
      return execution.run(subscriber);
    });
  };
  return Object.assign(execute, {
    enforces: ['trainingImpactPercent'] as const,
    ...(options.slots === undefined ? {} : { slots: count }),
    executions: executions as unknown as FakeExecutor<I>['executions'],
    idle: () => slots.idle(),
  });
}

/** As a real one, it takes what a job is made of too. */
function jobOf<I>(job: Job<I> | JobOptions<I>): Job<I> {
  if (typeof job !== 'object' || (job as unknown) === null)
    throw new ConfigurationError('An executor must get a job, as createJob({ input }) makes it.');
  return 'onAbort' in job ? job : createJob(job);
}
