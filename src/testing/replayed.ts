import {
  concat,
  defer,
  ignoreElements,
  map,
  of,
  takeUntil,
  VirtualTimeScheduler,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Callback, NamedHooks } from '../callbacks/index.ts';
import { schedulerOf } from '../clock/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import type { EventOf, RunEvent, Violation } from '../events/index.ts';
import { guardedFromRecord, replayRun } from '../replay/index.ts';
import type { GuardedEvaluation, Safeguard } from '../sla/index.ts';
import { clockOfFake, type FakeTime } from './fake-time.ts';
import { toldTo, type HeardOfCallback } from './told-to.ts';
import { wholeViolation } from './whole-violation.ts';

/** A recorded run, to test callbacks and safeguards against. */
export interface ReplayedRun {
  /**
   * The events again, with the time that lay between them. Cold: each subscriber hears the run from its first event.
   *
   * @throws {ConfigurationError} without a time to run in.
   */
  readonly run$: Observable<RunEvent>;
  /** The requests of its evaluations, in order. */
  readonly evaluations: readonly EventOf<'evaluation:requested'>[];
  /**
   * Gives one evaluation as its safeguards saw it: for `expectViolations(safeguard, guarded)`, `guard`, or a subscription.
   *
   * @throws {ConfigurationError} when the record has no evaluation of that id, and without a time to run in.
   */
  readonly guarded: (evaluationId: string) => GuardedEvaluation;
  /**
   * Says what a safeguard would have told of each evaluation up to its end, at once: in a virtual time of its own.
   *
   * @throws what the safeguard throws, and what its Observable errors with.
   */
  readonly violationsBy: (safeguard: Safeguard) => readonly Violation[];
  /**
   * Says what a callback would have done. It hears the record to its end, also after it has asked for a stop; its async hooks are
   * awaited. In the virtual time of a clock of its own.
   */
  readonly heardOf: (callback: Callback | NamedHooks) => Promise<HeardOfCallback>;
}

/**
 * Gives a recorded run in virtual time: eight hours of it pass in a moment.
 *
 * It knows what the record knows: no `step`, at most ten samples a second, and nothing of what would have come after a stop.
 *
 * @param journal as `readJournal` gives it
 * @param time what `run$` and `guarded` run in, `{ clock }` or the `{ scheduler }` of a marble test; needed for those alone
 * @throws {ConfigurationError} when it is no array of events.
 *
 * @example
 * const recorded = replayed(await readJournal('.pitwall/minishogi-1'));
 * expect(recorded.violationsBy(maxMemory(300))).toViolate('memoryMb');
 * expect((await recorded.heardOf(plateau)).directives).toEqual([]);
 */
export function replayed(journal: readonly RunEvent[], time?: FakeTime): ReplayedRun {
  const given: unknown = journal; // what came may be no array at all
  if (!Array.isArray(given))
    throw new ConfigurationError(
      `replayed(journal) must get the events of a run, as await readJournal(runFolder) gives them, but ${told(journal)} came.`,
    );
  const scheduler = (): SchedulerLike =>
    time?.scheduler ?? schedulerOf(clockOfFake(time, 'replayed(journal, time), for its run$ and guarded,'));
  const evaluations = journal.filter((event) => event.type === 'evaluation:requested');
  return {
    get run$() {
      return replayRun(journal, scheduler());
    },
    evaluations,
    guarded: (evaluationId) => guardedFromRecord(journal, evaluationId, scheduler()),
    violationsBy: (safeguard) => evaluations.flatMap(({ evaluationId }) => judged(safeguard, journal, evaluationId)),
    heardOf: (callback) => toldTo(callback, journal),
  };
}

/** What a safeguard tells of one evaluation until that has ended, as a guard would hear it. */
function judged(safeguard: Safeguard, journal: readonly RunEvent[], evaluationId: string): readonly Violation[] {
  const scheduler = new VirtualTimeScheduler();
  const guarded = guardedFromRecord(journal, evaluationId, scheduler);
  const violations: Violation[] = [];
  let failure: { readonly error: unknown } | undefined;
  const ended$ = concat(guarded.samples$.pipe(ignoreElements()), of(undefined));
  defer(() => safeguard(guarded))
    .pipe(
      map((emitted) => wholeViolation(emitted, guarded, safeguard)),
      takeUntil(ended$),
    )
    .subscribe({
      next: (violation) => violations.push(violation),
      error: (error: unknown) => (failure = { error }),
    });
  scheduler.flush();
  if (failure !== undefined) throw failure.error;
  return violations;
}
