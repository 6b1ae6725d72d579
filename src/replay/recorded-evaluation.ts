import type { EventOf, RunEvent, Violation } from '../events/index.ts';

/** What a record holds of one evaluation, by the kinds of its events, each in order. */
export interface RecordedEvaluation {
  readonly requested: EventOf<'evaluation:requested'>;
  readonly skipped?: EventOf<'evaluation:skipped'>;
  /** Not there where its work never began. */
  readonly start?: EventOf<'evaluation:start'>;
  readonly samples: readonly EventOf<'evaluation:sample'>[];
  readonly progress: readonly EventOf<'evaluation:progress'>[];
  /** Those that were only told (`warn`), and last the one that ended it. */
  readonly violations: readonly Violation[];
  /** Not there where the record ends before it, or it was skipped. */
  readonly end?: EventOf<'evaluation:end'>;
  /** The moment of the record's last event, in wall-clock ms: of what has no end, no more is known. */
  readonly knownUntil: number;
}

/** The same while it is filled. */
interface Draft {
  requested: EventOf<'evaluation:requested'>;
  skipped?: EventOf<'evaluation:skipped'>;
  start?: EventOf<'evaluation:start'>;
  samples: EventOf<'evaluation:sample'>[];
  progress: EventOf<'evaluation:progress'>[];
  violations: Violation[];
  end?: EventOf<'evaluation:end'>;
  knownUntil: number;
}

/** Sorts a run's events by the evaluations that they are of, in one pass: by id, in the order of their requests. */
export function recordedEvaluations(events: readonly RunEvent[]): ReadonlyMap<string, RecordedEvaluation> {
  const knownUntil = events.at(-1)?.at ?? 0;
  const drafts = new Map<string, Draft>();
  for (const event of events) {
    if (event.type === 'evaluation:requested')
      drafts.set(event.evaluationId, { requested: event, samples: [], progress: [], violations: [], knownUntil });
    else add(event, drafts);
  }
  return drafts;
}

function add(event: RunEvent, drafts: ReadonlyMap<string, Draft>): void {
  if (event.type === 'sla:violation') drafts.get(event.violation.evaluationId)?.violations.push(event.violation);
  if (!('evaluationId' in event)) return;
  const draft = drafts.get(event.evaluationId);
  if (draft === undefined) return;
  if (event.type === 'evaluation:skipped') draft.skipped = event;
  if (event.type === 'evaluation:start') draft.start = event;
  if (event.type === 'evaluation:sample') draft.samples.push(event);
  if (event.type === 'evaluation:progress') draft.progress.push(event);
  if (event.type === 'evaluation:end') draft.end = event;
}
