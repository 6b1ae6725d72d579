import { catchError, finalize, identity, isObservable, map, Observable, Subject, Subscription } from 'rxjs';
import { CallNotPermittedError, type CircuitBreaker } from '../breaker/index.ts';
import { schedulerOf } from '../clock/index.ts';
import { reasonOf, told } from '../errors/index.ts';
import type { Violation } from '../events/index.ts';
import type { Executor, HardRule, Job } from '../executors/index.ts';
import { isolate } from '../operators/index.ts';
import { EvaluationError, guard, named, type Safeguard, type SlaPipelineOptions } from '../sla/index.ts';
import { afterTeardown } from './after-teardown.ts';
import type { Desk, Run } from './callback.ts';
import { containedSafeguard } from './contained-safeguard.ts';
import { countsAgainstBreaker } from './counts-against-breaker.ts';
import type { Settlement } from './evaluation-outcome.ts';
import type { EvaluationRecord } from './evaluation-record.ts';
import type { EvaluationSettings } from './evaluation-settings.ts';
import { govern } from './govern.ts';
import { heardByBreaker } from './heard-by-breaker.ts';
import { isThenable } from './is-thenable.ts';
import { singleResult } from './single-result.ts';
import { subscribeWithin } from './subscribe-within.ts';

/** What the executions of one evaluation in one run have in common. */
export interface Workplace {
  readonly settings: EvaluationSettings;
  readonly run: Run<never>;
  readonly desk: Desk;
  readonly breaker: CircuitBreaker | undefined;
  /** Makes the safeguard of the SLA; `undefined` where there is none. */
  readonly slaPipeline: ((options: SlaPipelineOptions) => Safeguard) | undefined;
}

/** One evaluation at work. */
export interface Execution {
  /** Asks it to end; an executor that takes no aborts is unsubscribed from. It settles when the last of it is gone. */
  stop(reason: string): void;
  /** Unsubscribes, which ends it at once. It settles when the last of it is gone. */
  kill(reason: string): void;
}

/**
 * Runs a job under its safeguards and behind its breaker, and tells once how it settled: when nothing of it runs any more. That
 * may be before this returns.
 */
export function execute(
  job: Job,
  record: EvaluationRecord,
  { settings, run, desk, breaker, slaPipeline }: Workplace,
  onSettled: (settlement: Settlement) => void,
): Execution {
  const { executor, name, graceMs } = settings;
  const scheduler = schedulerOf(run.clock);
  const work = new Subscription();
  let settlement: Settlement = { kind: 'empty' };
  let isOver = false;
  let isSettled = false;
  /** The executor was unsubscribed from before it had ended by itself. */
  let isCutOff = false;
  let stopReason: string | undefined;
  let broken: Violation | undefined;

  const { sla, unenforceable } = settings;
  const isGoverned = sla !== false && unenforceable.every(({ rule }) => rule !== 'trainingImpactPercent');
  /** What it costs the training breaks its rule: for the guard one safeguard more. */
  const overTraining$ = new Subject<Violation>();
  const onBroken = (violation: Violation): void => {
    overTraining$.next(violation);
  };
  const leaveGovernor = isGoverned
    ? govern(job, record, { rule: sla.trainingImpactPercent, desk, onBroken })
    : () => undefined;
  /** An executor's own listeners and finalizers may throw: that is told, and holds up nothing. */
  const contained = <T>(ending: () => T): T | undefined => {
    try {
      return ending();
    } catch (error) {
      const message = reasonOf(error);
      desk.publish({
        type: 'callback:error',
        callback: name,
        error: { message: `its executor, told to end: ${message}` },
      });
      return undefined;
    }
  };
  /** @param awaitsAll what was accepted tells its end for itself; of other executors only the end of all their work can be known */
  const settle = (last: Settlement, awaitsAll: boolean): void => {
    if (isSettled) return;
    isSettled = true;
    leaveGovernor();
    const end = (settled: Settlement): void => {
      record.whenGone(() => {
        onSettled(settled);
      });
    };
    const idle = (): void => {
      end(goneBy(last, run.clock.wallNow()));
    };
    if (!awaitsAll || !isCutOff || record.heldByExecutor !== undefined || executor.idle === undefined) end(last);
    else void Promise.resolve(contained(() => executor.idle?.())).then(idle, idle);
  };
  const kill = (reason: string): void => {
    contained(() => {
      work.unsubscribe();
    });
    const error = broken === undefined ? EvaluationError.cancelled(reason) : EvaluationError.ofViolation(broken);
    settle({ kind: 'error', error }, true);
  };
  /** What is being ended answers no orders any more, and the others are measured without it. */
  const abort: Job['abort'] = (reason) => {
    leaveGovernor();
    return contained(() => job.abort(reason)) ?? false;
  };
  const stop = (reason: string): void => {
    stopReason ??= reason;
    if (!abort(reason)) kill(reason);
  };

  const heldElsewhere = (rule: HardRule): boolean => record.heldByExecutor?.includes(rule) ?? false;
  const guarded = guard<unknown>(
    [
      () => overTraining$,
      ...(slaPipeline === undefined ? [] : [slaPipeline({ heldElsewhere })]),
      ...ownSafeguards(settings),
    ],
    {
      id: job.id,
      name,
      ...record.guarded,
      run$: run.events$,
      scheduler,
      abort,
      onViolation: (violation) => {
        if (violation.action === 'abort') broken = violation;
        else desk.publish({ type: 'sla:violation', violation });
      },
      onSafeguardError: (error, safeguard) => {
        const message = reasonOf(error);
        desk.publish({ type: 'callback:error', callback: name, error: { message: `${safeguard}: ${message}` } });
        desk.publishOnce({
          type: 'sla:unmeasured',
          rule: safeguard,
          why: `a safeguard of "${name}" failed: ${message}`,
        });
      },
    },
  );

  const onCutOff = (): void => {
    isCutOff = true;
  };
  // Executor, guard, breaker, isolation: in this order, so that a violation counts, and what is refused is never subscribed to.
  const settled$ = executionOf(executor, job, record, onCutOff).pipe(
    guarded,
    singleResult(graceMs, scheduler),
    // Before the breaker, which counts no cancellation: an executor may answer it with any error of its own.
    catchError((error: unknown) => {
      if (error instanceof EvaluationError) throw withPauses(error, record.pausedMs);
      throw stopReason === undefined ? error : EvaluationError.cancelled(stopReason);
    }),
    breaker === undefined ? identity : heardByBreaker(breaker, job.id, { recordFailure: countsAgainstBreaker }),
    map((result): Settlement => ({ kind: 'result', result })),
    isolate((error) => {
      const isRefused = error instanceof CallNotPermittedError && !record.hasBeenSubscribed;
      settlement = isRefused ? { kind: 'refused' } : { kind: 'error', error };
    }),
    // After every finalizer above: only then the executor has let go, and the permit is given back.
    finalize(() => {
      // Of those beside it, under `parallel`, others may always be at work.
      if (isOver)
        settle(
          stopReason === undefined ? settlement : stopped(settlement, stopReason),
          settings.overlap !== 'parallel',
        );
    }),
  );
  work.add(
    settled$.subscribe({
      next: (result) => {
        settlement = result;
      },
      error: (error: unknown) => {
        settlement = { kind: 'error', error };
        isOver = true;
      },
      complete: () => {
        isOver = true;
      },
    }),
  );
  return { stop, kill };
}

/** The executor's own stream, cold, with its start and whatever it throws made known, and whether it was left before its end. */
function executionOf(
  executor: Executor,
  job: Job,
  record: EvaluationRecord,
  onCutOff: () => void,
): Observable<unknown> {
  return new Observable((subscriber) => {
    record.subscribed();
    const execution: unknown = executor(job);
    if (!isObservable(execution)) {
      // Nobody awaits it: what it rejects with must not end the training's process.
      if (isThenable(execution)) void Promise.resolve(execution).catch(() => undefined);
      throw new EvaluationError(
        'rejected',
        'EXECUTOR_INVALID',
        `The executor of "${job.name}" must return an Observable of one result, but ${told(execution)} came: for a function that returns a promise there is inlineExecutor.`,
      );
    }
    let hasEnded = false;
    subscriber.add(() => {
      if (!hasEnded) onCutOff();
    });
    subscribeWithin(subscriber, execution.pipe(afterTeardown()), {
      next: (value) => {
        record.beginUnlessTold();
        subscriber.next(value);
      },
      error: (error: unknown) => {
        hasEnded = true;
        record.beginUnlessTold();
        subscriber.error(error);
      },
      complete: () => {
        hasEnded = true;
        record.beginUnlessTold();
        subscriber.complete();
      },
    });
    if (!subscriber.closed) record.beginUnlessTold();
  });
}

/** One without a name is told by its place among the user's own. */
function ownSafeguards({ safeguards }: EvaluationSettings): readonly Safeguard[] {
  return safeguards.map((safeguard, index) =>
    containedSafeguard(
      safeguard.name === '' ? named(`safeguard ${index + 1}`, (guarded) => safeguard(guarded)) : safeguard,
    ),
  );
}

/** A safeguard does not know how long what it watches was paused: the executor has told it by now. */
function withPauses(error: EvaluationError, pausedMs: number): EvaluationError {
  const { kind, code, message, violation, cause } = error;
  if (violation === undefined || violation.pausedMs >= pausedMs) return error;
  return new EvaluationError(kind, code, message, { violation: { ...violation, pausedMs }, cause });
}

/** The guard takes what it has unsubscribed from for gone: here the executor has said when it was. */
function goneBy(settlement: Settlement, goneAt: number): Settlement {
  if (settlement.kind !== 'error' || !(settlement.error instanceof EvaluationError)) return settlement;
  const { violation, cause } = settlement.error;
  if (violation === undefined) return settlement;
  return { kind: 'error', error: EvaluationError.ofViolation({ ...violation, goneAt }, { cause }) };
}

/** What was asked to stop and then ends without a result has stopped. */
function stopped(settlement: Settlement, reason: string): Settlement {
  return settlement.kind === 'empty' ? { kind: 'error', error: EvaluationError.cancelled(reason) } : settlement;
}
