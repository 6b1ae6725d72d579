import { subjectTracker, type EvaluationSubject, type LostEvaluation, type ResumedRun } from '../../callbacks/index.ts';
import type { EventOf, JournalledEvent } from '../../events/index.ts';
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
  const lostOf = (requests: readonly EventOf<'evaluation:requested'>[]): LostEvaluation[] =>
    requests.map(({ evaluationId, name, epoch, step }) => ({
      evaluationId,
      name,
      subject: subjects.get(evaluationId) ?? { epoch, step, metrics: {} },
    }));
  return {
    history,
    from,
    lastSeq: all.at(-1)?.seq ?? 0,
    made: lastConfig(standing),
    lost: lostOf(open.filter(({ seq }) => stands.has(seq))),
    abandoned: lostOf(open.filter(({ seq }) => !stands.has(seq))),
    requests: requestCounts(all),
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

/**
 * What each evaluation is of, by its id. A checkpoint that was told later is its own where it is of the same step; one that was asked
 * for again is of what it was of before, however far the training has come since.
 */
function subjectsIn(events: readonly JournalledEvent[]): ReadonlyMap<string, EvaluationSubject> {
  const tracker = subjectTracker({ epoch: 0, step: 0, metrics: undefined });
  const subjects = new Map<string, EvaluationSubject>();
  const lastIds = new Map<string, string>();
  for (const event of events) {
    tracker.see(event);
    if (event.type === 'evaluation:requested') {
      const { evaluationId, name, epoch, step } = event;
      const key = JSON.stringify([name, epoch, step]);
      subjects.set(evaluationId, subjects.get(lastIds.get(key) ?? '') ?? tracker.subjectOf({ epoch, step }));
      lastIds.set(key, evaluationId);
    } else if (event.type === 'checkpoint') {
      const { epoch, step, path, hash } = event;
      for (const [id, subject] of subjects)
        if (subject.epoch === epoch && subject.step === step && subject.checkpoint === undefined)
          subjects.set(id, { ...subject, checkpoint: { path, hash } });
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

function requestCounts(events: readonly JournalledEvent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const event of events)
    if (event.type === 'evaluation:requested') counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
  return counts;
}
