import {
  defer,
  EMPTY,
  map,
  mergeMap,
  of,
  tap,
  timer,
  VirtualAction,
  VirtualTimeScheduler,
  type Observable,
} from 'rxjs';
import type { CircuitBreakerOptions } from '../breaker/index.ts';
import type { RunEvent } from '../events/index.ts';
import type { Sla } from '../sla/index.ts';
import { BreakersAgain, type ReplayedTransition } from './breakers-again.ts';
import { judgeEvaluation } from './judge-evaluation.ts';
import { recordedEvaluations, type RecordedEvaluation } from './recorded-evaluation.ts';
import { recordedLimits } from './recorded-limits.ts';
import { replayRun } from './replay-run.ts';
import { tellBreaker } from './tell-breaker.ts';
import type { Judgement, Verdict } from './verdict.ts';

/** What a recorded run is judged by. */
export interface JudgeOptions {
  /** For every evaluation; without it each is held to what the record says that it was. */
  readonly sla?: Sla | undefined;
  /** For every evaluation's breaker; without it each has the options that the record tells, or the defaults. */
  readonly breaker?: CircuitBreakerOptions | undefined;
  /** The name of the evaluations that are judged; all by default. */
  readonly only?: string | undefined;
}

/** A recorded evaluation and what would have become of it. */
export interface JudgedEvaluation {
  readonly recorded: RecordedEvaluation;
  /** By its limits alone. */
  readonly judgement: Judgement;
  /** Its breaker would not have let it through, so that it would not have run at all. */
  readonly refused: boolean;
}

/** A recorded run, judged again. */
export interface JudgedRun {
  /** In the order of their requests. */
  readonly evaluations: readonly JudgedEvaluation[];
  /** What the breakers would have done, in order. */
  readonly transitions: readonly ReplayedTransition[];
}

/**
 * Judges a recorded run again, in virtual time: each evaluation by its SLA, and beside that what its breaker would have done, which
 * hears how each that it admits would have ended.
 *
 * What the record says of admission stands: an evaluation that was skipped stays skipped, and none begins earlier because another
 * one would have ended before. A breaker hears nothing of an evaluation whose verdict is unknown.
 *
 * @param events as `readJournal` gives them
 * @throws {ConfigurationError} when the breaker's options are wrong.
 */
export function judgeRun(events: readonly RunEvent[], { sla, breaker, only }: JudgeOptions = {}): JudgedRun {
  const evaluations = new Map(
    [...recordedEvaluations(events)].filter(([, { requested }]) => only === undefined || requested.name === only),
  );
  const old = recordedLimits(events);
  const scheduler = new VirtualTimeScheduler(VirtualAction);
  scheduler.frame = events[0]?.at ?? 0;
  const breakers = new BreakersAgain(scheduler, breaker, old);
  const judged = new Map<string, Judgement>();
  const refused = new Set<string>();

  const again = (recorded: RecordedEvaluation): Observable<Judgement> => {
    const { requested, skipped, start, end } = recorded;
    const { name, evaluationId } = requested;
    if (skipped !== undefined && skipped.reason !== 'breaker-open') return of(skippedAs(skipped.reason));
    const isPermitted = breakers.wouldPermit(name);
    const oldSla = old.slaOf(name);
    return timer(start?.queuedMs ?? end?.usage.queuedMs ?? 0, scheduler).pipe(
      mergeMap(() => {
        const permit = isPermitted ? breakers.tryAcquire(name) : undefined;
        if (permit === undefined) refused.add(evaluationId);
        if (skipped !== undefined) {
          permit?.release();
          return of(permit === undefined ? skippedAs('breaker-open') : neverRan);
        }
        const beginsAt = (start ?? end)?.at ?? recorded.knownUntil;
        return timer(Math.max(0, beginsAt - scheduler.now()), scheduler).pipe(
          mergeMap(() => judgeEvaluation(recorded, sla ?? oldSla ?? false, { ...old, sla: oldSla }, scheduler)),
          tap((judgement) => {
            if (permit !== undefined) tellBreaker(permit, judgement, recorded);
          }),
        );
      }),
    );
  };

  const [first] = events;
  const lifecycle = events.filter(
    (event) => event === first || event.type === 'epoch:start' || event.type === 'evaluation:requested',
  );
  let failure: { readonly error: unknown } | undefined;
  const hearing = replayRun(lifecycle, scheduler)
    .pipe(
      mergeMap((event) => {
        if (event.type === 'epoch:start') breakers.epoch = event.epoch;
        const recorded = event.type === 'evaluation:requested' ? evaluations.get(event.evaluationId) : undefined;
        if (recorded === undefined) return EMPTY;
        return defer(() => again(recorded)).pipe(
          map((judgement) => ({ id: recorded.requested.evaluationId, judgement })),
        );
      }),
    )
    .subscribe({
      next: ({ id, judgement }) => judged.set(id, judgement),
      error: (error: unknown) => {
        failure = { error };
      },
    });
  scheduler.flush();
  hearing.unsubscribe();
  breakers.close();
  if (failure !== undefined) throw failure.error;

  const knownUntil = events.at(-1)?.at ?? 0;
  return {
    evaluations: [...evaluations.values()].map((recorded) => ({
      recorded,
      judgement: judged.get(recorded.requested.evaluationId) ?? neverRan,
      refused: refused.has(recorded.requested.evaluationId),
    })),
    transitions: breakers.transitions.filter(({ at }) => at <= knownUntil),
  };
}

const neverRan: Judgement = {
  outcome: { verdict: 'unknown', why: 'the recorded breaker refused it, so it never ran' },
  warned: [],
};

function skippedAs(reason: Extract<Verdict, { verdict: 'skipped' }>['reason']): Judgement {
  return { outcome: { verdict: 'skipped', reason }, warned: [] };
}
