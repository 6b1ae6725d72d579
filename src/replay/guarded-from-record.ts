import { defer, filter, ignoreElements, map, of, startWith, take, type SchedulerLike } from 'rxjs';
import { ConfigurationError } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import type { GuardedEvaluation } from '../sla/index.ts';
import { courseOf, type Telling } from './course.ts';
import { playback } from './playback.ts';
import { recordedEvaluations, type RecordedEvaluation } from './recorded-evaluation.ts';

/**
 * Gives an evaluation of a recorded run as its safeguards saw it, so that other safeguards can judge it again, in a scheduler's time.
 *
 *     recorded          start at 12:00:07.000, 3 MB at 07.001, 7 MB at 07.004, answer at 07.006
 *     started$          s
 *     samples$          -a--b-|
 *     impact$           n-----|      (n: null, as no record holds it)
 *
 * Hot: its time begins at the first subscription to any of its streams with the evaluation's start, or with its request where it
 * never began, and goes on while one is subscribed to. `started$` emits at once for who comes later. All complete with the answer or
 * the kill, or where the record ends. Nothing errors.
 *
 * It knows what the record knows: at most ten samples and tellings of progress a second; of items those that broke a limit, from
 * their beginning, and at the end how many there were. `run$` has the events of the run while the evaluation ran.
 *
 * @param events as `readJournal` gives them
 * @throws {ConfigurationError} when the record has no evaluation of that id; it names those that it has.
 *
 * @example
 * const scheduler = new VirtualTimeScheduler();
 * const guarded = guardedFromRecord(await readJournal('.pitwall/minishogi-1'), 'vs-random-5-1', scheduler);
 * maxMemory(500)(guarded).subscribe(({ message }) => console.log(scheduler.now(), message));
 * scheduler.flush();
 */
export function guardedFromRecord(
  events: readonly RunEvent[],
  evaluationId: string,
  scheduler: SchedulerLike,
): GuardedEvaluation {
  const evaluations = recordedEvaluations(events);
  const evaluation = evaluations.get(evaluationId);
  if (evaluation === undefined)
    throw new ConfigurationError(
      `The record has no evaluation "${evaluationId}": ${evaluations.size === 0 ? 'none was requested in it' : `it has ${named([...evaluations.keys()])}`}.`,
    );
  return guardedOf(evaluation, scheduler, events);
}

/** The same, of an evaluation that was found already. @param events what `run$` tells, nothing by default */
export function guardedOf(
  evaluation: RecordedEvaluation,
  scheduler: SchedulerLike,
  events: readonly RunEvent[] = [],
): GuardedEvaluation {
  const { moments } = courseOf(evaluation, events);
  const { told$, passed } = playback<Telling>(moments, scheduler);
  const of$ = <Kind extends Telling['kind']>(kind: Kind) =>
    told$.pipe(filter((telling): telling is Extract<Telling, { kind: Kind }> => telling.kind === kind));
  const { evaluationId: id, name } = evaluation.requested;
  return {
    id,
    name,
    started$: defer(() =>
      evaluation.start !== undefined && passed() > 0 ? of(undefined) : of$('started').pipe(map(() => undefined)),
    ).pipe(take(1)),
    samples$: of$('sample').pipe(map(({ sample }) => sample)),
    progress$: of$('progress').pipe(map(({ progress }) => progress)),
    items$: of$('item').pipe(map(({ item }) => item)),
    impact$: told$.pipe(ignoreElements(), startWith(null)),
    run$: of$('event').pipe(map(({ event }) => event)),
    scheduler,
  };
}

function named(ids: readonly string[]): string {
  return ids.slice(0, 5).join(', ') + (ids.length > 5 ? `, … (${ids.length} in all)` : '');
}
