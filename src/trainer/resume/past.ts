import {
  cutShort,
  hostLost,
  numberIn,
  stoppedWithRun,
  subjectTracker,
  type EvaluationSubject,
  type LostEvaluation,
  type ResumedRun,
} from '../../callbacks/index.ts';
import type { CheckpointRef, EventOf, JournalledEvent } from '../../events/index.ts';
import { surviving } from '../../journal/index.ts';
import type { RunConfig } from './changed-config.ts';
import type { ResumePoint } from './resume-point.ts';

/** A run so far, as the process that goes on with it has to know it. */
export interface Past extends ResumedRun {
  readonly from: ResumePoint;
  /** Of the last event in the journal. */
  readonly lastSeq: number;
  /** As it was last told. */
  readonly made: RunConfig;
  /** What was in flight and is asked for again by the training itself, as it does those epochs again. */
  readonly abandoned: readonly LostEvaluation[];
  /** The highest number that an evaluation of a name has had, of what was done again too: ids are not given twice. */
  readonly numbers: ReadonlyMap<string, number>;
}

/**
 * What the journal of a run tells of it, when it goes on from one of its points. Of what was in flight the checkpoint files are those
 * that were told: whether they are still there is for others to look.
 *
 * @param all every event of the journal
 * @param standing those of them that stand
 */
export function pastOf(all: readonly JournalledEvent[], standing: readonly JournalledEvent[], from: ResumePoint): Past {
  const history = surviving(standing, from.fromSeq);
  const stands = new Set(history.map(({ seq }) => seq));
  const open = inFlight(all);
  const subjects = subjectsIn(standing);
  const queued = new Map(
    all.flatMap((event) => (event.type === 'evaluation:start' ? [[event.evaluationId, event.queuedMs]] : [])),
  );
  const lostOf = (requests: readonly EventOf<'evaluation:requested'>[]): LostEvaluation[] =>
    requests.map(({ evaluationId, name, epoch, step }) => ({
      evaluationId,
      name,
      subject: subjects.get(evaluationId) ?? { epoch, step, metrics: {} },
      queuedMs: queued.get(evaluationId) ?? null,
    }));
  return {
    history,
    from,
    lastSeq: lastSeqOf(all.at(-1)),
    made: lastConfig(standing),
    lost: lostOf(open.filter(({ seq }) => stands.has(seq))),
    lostBefore: lostOf(notRepeated(history, hostLost)),
    stopped: lostOf(notRepeated(history, stoppedWithRun)),
    abandoned: lostOf(open.filter(({ seq }) => !stands.has(seq))),
    numbers: lastNumbers(all),
  };
}

/** The requests that have not come to an end. */
function inFlight(events: readonly JournalledEvent[]): EventOf<'evaluation:requested'>[] {
  const open = new Map<string, EventOf<'evaluation:requested'>>();
  for (const event of events) {
    if (event.type === 'evaluation:requested') open.set(event.evaluationId, event);
    else if (event.type === 'evaluation:end' || event.type === 'evaluation:skipped') open.delete(event.evaluationId);
  }
  return [...open.values()];
}

/** The requests that have come to nothing in the given way, as lost or with a stop, and were not made again since. */
function notRepeated(
  history: readonly JournalledEvent[],
  cameToNothing: (event: JournalledEvent) => boolean,
): EventOf<'evaluation:requested'>[] {
  const requests = new Map<string, EventOf<'evaluation:requested'>>();
  const over = new Map<string, { readonly request: EventOf<'evaluation:requested'>; readonly isSo: boolean }[]>();
  for (const event of history) {
    if (event.type === 'evaluation:requested') {
      requests.set(event.evaluationId, event);
      over.get(keyOf(event))?.shift();
    } else if ((event.type === 'evaluation:end' || event.type === 'evaluation:skipped') && cutShort(event)) {
      const request = requests.get(event.evaluationId);
      const isSo = cameToNothing(event);
      if (request !== undefined) over.set(keyOf(event), [...(over.get(keyOf(event)) ?? []), { request, isSo }]);
    }
  }
  return [...over.values()].flat().flatMap(({ request, isSo }) => (isSo ? [request] : []));
}

/** What an evaluation is of, and whose. */
function keyOf({ name, epoch, step }: Pick<EventOf<'evaluation:requested'>, 'name' | 'epoch' | 'step'>): string {
  return JSON.stringify([name, epoch, step]);
}

/**
 * What each evaluation is of, by its id. Its checkpoint is the last of its epoch, also when that was told later but is of the same
 * step; one that was asked for again is of what it was of before, however far the training has come since.
 */
function subjectsIn(events: readonly JournalledEvent[]): ReadonlyMap<string, EvaluationSubject> {
  const tracker = subjectTracker({ epoch: 0, step: 0, metrics: undefined });
  const subjects = new Map<string, EvaluationSubject>();
  const lastIds = new Map<string, string>();
  const files = new Map<number, CheckpointRef>();
  /** Those without a checkpoint so far, by the step that they are of. */
  const without = new Map<number, string[]>();
  for (const event of events) {
    tracker.see(event);
    if (event.type === 'evaluation:requested') {
      const { evaluationId, epoch, step } = event;
      const key = keyOf(event);
      const before = subjects.get(lastIds.get(key) ?? '');
      const subject = before ?? tracker.subjectOf({ epoch, step, checkpoint: files.get(epoch) });
      subjects.set(evaluationId, subject);
      lastIds.set(key, evaluationId);
      if (subject.checkpoint === undefined) without.set(step, [...(without.get(step) ?? []), evaluationId]);
    }
    if (event.type !== 'checkpoint' && event.type !== 'epoch:end') continue;
    const { epoch, step } = event;
    const checkpoint = event.type === 'checkpoint' ? { path: event.path, hash: event.hash } : event.checkpoint;
    if (checkpoint === undefined) continue;
    files.set(epoch, checkpoint);
    for (const id of without.get(step ?? -1) ?? []) {
      const subject = subjects.get(id);
      if (subject?.epoch === epoch) subjects.set(id, { ...subject, checkpoint });
    }
  }
  return subjects;
}

function lastConfig(events: readonly JournalledEvent[]): RunConfig {
  let made: RunConfig = { epochs: 0, config: {} };
  for (const event of events) {
    if (event.type === 'run:start') made = event;
    else if (event.type === 'run:resume')
      made = { epochs: event.epochs ?? made.epochs, config: event.config ?? made.config };
  }
  return made;
}

/** Where events are missing, one tells how many in their place. */
function lastSeqOf(last: JournalledEvent | undefined): number {
  if (last?.type === 'dropped' && last.what === 'journal') return last.seq + last.count - 1;
  return last?.seq ?? 0;
}

function lastNumbers(events: readonly JournalledEvent[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const event of events)
    if (event.type === 'evaluation:requested')
      numbers.set(event.name, Math.max(numbers.get(event.name) ?? 0, numberIn(event.evaluationId)));
  return numbers;
}
