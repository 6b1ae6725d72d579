import { randomUUID } from 'node:crypto';
import type { Violation } from '../events/index.ts';
import type { HardLimits, Job, PaceOrder, Telemetry } from './executor.ts';
import { assertHandMade, assertJob, assertJobOptions } from './job-check.ts';

/** What a job is made of; all but `input` has a default. */
export interface JobOptions<I> {
  readonly input: I;
  readonly id?: string;
  readonly name?: string;
  readonly seed?: number;
  readonly limits?: HardLimits;
  readonly graceMs?: number;
  readonly maxResultMb?: number;
  readonly logFolder?: string | undefined;
  readonly telemetry?: { next(telemetry: Telemetry): void };
}

/**
 * Makes a job for an executor, for those who run one without a trainer.
 *
 * @throws {ConfigurationError} for unknown or wrong fields: a limit of NaN would be none, and hold up all others.
 *
 * @example
 * const run = processExecutor(new URL('./evaluate.js', import.meta.url));
 * const result = await firstValueFrom(run(createJob({ input: { epoch: 3 } })).pipe(timeout(10_000)));
 */
export function createJob<I>(options: JobOptions<I>): Job<I> {
  assertJobOptions(options);
  return jobOf(options);
}

function jobOf<I>(options: JobOptions<I>): Job<I> {
  const {
    input,
    id = randomUUID(),
    name = 'evaluation',
    seed = seedOf(name),
    limits = {},
    graceMs = 100,
    maxResultMb = 256,
    logFolder,
    telemetry = { next: () => undefined },
  } = options;
  const listeners = new Set<(reason: string | Violation) => void>();
  const paceListeners = new Set<(order: PaceOrder) => void>();
  let aborted: { readonly reason: string | Violation } | undefined;
  const job: Job<I> = {
    id,
    name,
    input,
    seed,
    limits,
    graceMs,
    maxResultMb,
    logFolder,
    telemetry: {
      next: reportingErrors((told: Telemetry) => {
        telemetry.next(told);
      }),
    },
    abort: (reason) => {
      if (aborted === undefined) {
        aborted = { reason };
        for (const listener of [...listeners]) listener(reason);
      }
      return listeners.size > 0;
    },
    onAbort: (listener) => {
      listeners.add(listener);
      if (aborted !== undefined) listener(aborted.reason);
      return () => {
        listeners.delete(listener);
      };
    },
    pace: (order) => {
      for (const listener of [...paceListeners]) reportingErrors(listener)(order);
      return paceListeners.size > 0;
    },
    onPace: (listener) => {
      paceListeners.add(listener);
      return () => {
        paceListeners.delete(listener);
      };
    },
  };
  checked.add(job);
  return job;
}

/** Jobs that need no second look. */
const checked = new WeakSet<object>();

/** What a listener throws is its own, as in any RxJS program: it is reported, and holds up no execution and no training. */
function reportingErrors<T>(listener: (told: T) => void): (told: T) => void {
  return (told) => {
    try {
      listener(told);
    } catch (error) {
      setTimeout(() => {
        throw error;
      });
    }
  };
}

/**
 * The same job, or one made of what a hand-made object has: who calls an executor himself need not know every field.
 *
 * @throws {ConfigurationError} for wrong fields.
 */
export function wholeJob<I>(job: Job<I> | JobOptions<I>): Job<I> {
  if (!isWhole(job)) {
    assertHandMade(job);
    return jobOf(job);
  }
  if (!checked.has(job)) {
    assertJob(job);
    checked.add(job);
  }
  return job;
}

function isWhole<I>(job: Job<I> | JobOptions<I> | null | undefined): job is Job<I> {
  return typeof job === 'object' && job !== null && 'onAbort' in job;
}

/** A 32-bit hash (FNV-1a) of the parts: the same parts give the same seed on every machine. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of parts.join('\u0000')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}
