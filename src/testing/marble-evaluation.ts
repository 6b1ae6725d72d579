import type { SchedulerLike } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { ConfigurationError, nearMatch } from '../errors/index.ts';
import type { Executor, Job } from '../executors/index.ts';
import { EvaluationError, guardedEvaluation, type GuardedEvaluation } from '../sla/index.ts';
import type { SubscriptionLogs } from './marble-stream.ts';

/**
 * Fills in an evaluation of which a test tells what matters: one that has begun and stays silent, in the test's own time.
 *
 *     evaluation({ samples$: samples('-3-6|') })
 */
export type DrawEvaluation = (given?: Partial<GuardedEvaluation>) => GuardedEvaluation;

export function evaluationIn(scheduler: SchedulerLike): DrawEvaluation {
  return (given = {}) => {
    const silent = guardedEvaluation({ id: 'e-1', scheduler });
    assertFields(Object.keys(given), Object.keys(silent));
    return { ...silent, ...given };
  };
}

/** What is drawn under a name that nobody knows would be heard by nobody, and the test would pass. */
function assertFields(given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((field) => !known.includes(field));
  if (unknown === undefined) return;
  const near = nearMatch(unknown, known);
  throw new ConfigurationError(
    `The guarded evaluation of a marble test has an unknown field "${unknown}": ` +
      (near === undefined ? `its fields are ${known.join(', ')}.` : `did you mean "${near}"?`),
  );
}

/** An executor whose every execution is the same drawn one. */
export interface MarbleExecutor<O> extends Executor<unknown, O> {
  /** Of all its executions: `'^--!'` in `expectSubscriptions(executor)` is a kill. */
  readonly subscriptions: SubscriptionLogs;
  /** What it was asked to run, in order. */
  readonly jobs: readonly Job[];
}

/**
 * Draws an executor: each of its executions goes as drawn, from its subscription on.
 *
 *     executor('---(r|)', { r: { winRate: 0.6 } })     answers after 3 ms
 *     executor('---#')                                 crashes after 3 ms
 *     executor('-')                                    hangs
 *
 * It takes no aborts, so that whoever ends it unsubscribes; `#` is an `EvaluationError` of the kind `crashed` unless `error` is
 * given. For one that tells samples, waits for slots and takes aborts there is `fakeExecutor`.
 */
export type DrawExecutor = <O = string>(
  marbles: string,
  values?: Record<string, O>,
  error?: unknown,
) => MarbleExecutor<O>;

export function executorIn(cold: RunHelpers['cold']): DrawExecutor {
  return <O>(marbles: string, values?: Record<string, O>, error: unknown = crashed()) => {
    const execution$ = cold<O>(marbles, values, error);
    const jobs: Job[] = [];
    const execute = (job: Job) => {
      jobs.push(job);
      return execution$;
    };
    return Object.assign(execute, { subscriptions: execution$.subscriptions, jobs });
  };
}

function crashed(): EvaluationError {
  return new EvaluationError('crashed', 'EVALUATOR_CRASHED', 'The evaluator crashed, as the test has drawn it');
}
