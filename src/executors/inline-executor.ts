import { Observable } from 'rxjs';
import { z } from 'zod';
import { systemClock, type Clock } from '../clock/index.ts';
import { ConfigurationError, parseOptions, thrownWords, told } from '../errors/index.ts';
import type { Evaluator } from '../evaluator/index.ts';
import type { Violation } from '../events/index.ts';
import { EvaluationError } from '../sla/index.ts';
import type { Executor, ExecutorTraits, Job } from './executor.ts';
import { inlineContext } from './inline-context.ts';
import { wholeJob } from './job.ts';
import { withStandIn } from './stand-in.ts';

const clockMethods = ['now', 'wallNow', 'setTimeout'] as const;

const optionsSchema = z.strictObject({
  clock: z
    .custom<Clock>((value) => clockMethods.every((method) => typeof (value as Clock | null)?.[method] === 'function'))
    .describe(`a clock with ${clockMethods.join(', ')}`)
    .optional(),
});

const cannotEnforce = {
  memoryMb: 'an inline evaluation shares the memory of the training process',
  cpuPercent: 'an inline evaluation shares the thread of the training',
  gpuUtilizationPercent: 'an inline evaluation uses the GPU as the training process',
  gpuMemoryMb: 'an inline evaluation uses the GPU as the training process',
  trainingImpactPercent: 'an inline evaluation is part of the training’s own thread, and cannot be paused',
  startTimeMs: 'an inline evaluation is not started: it is called',
} satisfies ExecutorTraits['cannotEnforce'];

/**
 * Runs `evaluate` on the training's own thread: for what is quick or mostly waits, lets the event loop run, and honours
 * `signal`. Code that blocks the loop blocks the training, and no limit can end it: give that a process.
 *
 * - Unsubscribing aborts `signal`. After `job.abort` the execution errors once `evaluate` has settled, and after `graceMs` at the
 *   latest.
 * - What `evaluate` throws is an `EvaluationError` of kind `crashed` with the code `EVALUATOR_CRASHED`.
 * - `evaluationTimeMs` and `itemTimeMs` are held by the host's loop; `memoryMb` and `startTimeMs` cannot be held here.
 *
 * @throws {ConfigurationError} for what is no function, and for unknown or wrong options.
 *
 * @example
 * evaluation({
 *   name: 'served-model',
 *   every: 1,
 *   executor: inlineExecutor(async ({ epoch }: { epoch: number }, { signal }) => {
 *     const answer = await fetch(`http://localhost:8080/score/${epoch}`, { signal });
 *     return (await answer.json()) as { accuracy: number };
 *   }),
 * });
 */
export function inlineExecutor<I, O>(
  evaluate: Evaluator<I, O>,
  options: { readonly clock?: Clock | undefined } = {},
): Executor<I, O> {
  if (typeof (evaluate as unknown) !== 'function')
    throw new ConfigurationError(
      `inlineExecutor must get the function that evaluates (async (input, { signal }) => result), but ${told(evaluate)} came.`,
    );
  const { clock = systemClock } = parseOptions(optionsSchema, options, 'The options of inlineExecutor');
  const working = new Set<Promise<void>>();

  const execute = (given: Job<I>): Observable<O> => {
    const job = wholeJob(given);
    return new Observable<O>((subscriber) => {
      const stopping = new AbortController();
      let aborted: { readonly reason: string | Violation; readonly killedAt: number } | undefined;
      let resolveGone = (): void => undefined;
      let isGone = false;
      let cancelGrace: (() => void) | undefined;

      const markGone = (): void => {
        if (isGone) return;
        isGone = true;
        cancelGrace?.();
        resolveGone();
        job.telemetry.next({ type: 'usage', usage: {} });
      };
      const settle = (answer: { readonly value: O } | { readonly error: unknown }): void => {
        markGone();
        if (aborted !== undefined) subscriber.error(abortError({ ...aborted, goneAt: clock.wallNow() }));
        else if ('error' in answer) subscriber.error(crashed(answer.error));
        else {
          subscriber.next(answer.value);
          subscriber.complete();
        }
      };
      /** The code is asked to stop; it counts as gone when it has settled, or when its grace is over. */
      const end = (): void => {
        stopping.abort();
        cancelGrace = clock.setTimeout(() => {
          settle({ error: undefined });
        }, job.graceMs);
      };

      const stopListening = job.onAbort((reason) => {
        aborted = { reason, killedAt: clock.wallNow() };
        end();
      });
      if (stopping.signal.aborted) {
        settle({ error: undefined });
        return stopListening;
      }

      job.telemetry.next({ type: 'accepted', enforces: [] });
      const gone = new Promise<void>((resolve) => {
        resolveGone = resolve;
      });
      working.add(gone);
      void gone.then(() => working.delete(gone));
      job.telemetry.next({ type: 'started' });
      called(() => evaluate(job.input, inlineContext(job, stopping.signal, clock))).then(
        (value) => {
          settle({ value });
        },
        (error: unknown) => {
          settle({ error });
        },
      );
      return () => {
        stopListening();
        // Nobody hears of it any more, but `idle` still waits for it.
        if (!isGone && !stopping.signal.aborted) end();
      };
    });
  };

  const idle = async (): Promise<void> => {
    while (working.size > 0) await Promise.all(working);
  };
  return withStandIn(Object.assign(execute, { cannotEnforce, idle }), {
    kind: 'inline',
    with: (other) => inlineExecutor(other, options),
  });
}

/** Calls at once, and gives what is thrown as a rejection. */
async function called<O>(work: () => O | PromiseLike<O>): Promise<O> {
  return work();
}

function abortError({
  reason,
  killedAt,
  goneAt,
}: {
  readonly reason: string | Violation;
  readonly killedAt: number;
  readonly goneAt: number;
}): EvaluationError {
  return typeof reason === 'string'
    ? EvaluationError.cancelled(reason)
    : EvaluationError.ofViolation({ ...reason, killedAt, goneAt });
}

function crashed(error: unknown): EvaluationError {
  return new EvaluationError('crashed', 'EVALUATOR_CRASHED', `The evaluator threw: ${thrownWords(error)}`, {
    cause: error,
  });
}
