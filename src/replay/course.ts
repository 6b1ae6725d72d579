import type { EventOf, RunEvent, Violation } from '../events/index.ts';
import type { ItemState, Progress } from '../sla/index.ts';
import type { Sample } from '../events/index.ts';
import type { Moment } from './playback.ts';
import type { RecordedEvaluation } from './recorded-evaluation.ts';

/** What is told of a recorded evaluation at a moment. */
export type Telling =
  | { readonly kind: 'started' }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'item'; readonly item: ItemState }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'ended' };

/** A recorded evaluation from its beginning: its start, or its request where it never began. */
export interface Course {
  /** Wall-clock ms. */
  readonly beganAt: number;
  /** From `beganAt` to its answer, its kill, or where the record ends. */
  readonly endMs: number;
  readonly moments: readonly Moment<Telling>[];
}

/** After a deadline's timer its verdict takes one more turn; what was killed at that deadline ends after it. */
const turnsAfterDeadline = 2;

/**
 * Lays out what a record tells of an evaluation, moment by moment.
 *
 * The answer lies `usage.wallMs` after the start: the event of the end comes only when the last process is gone. What was told with
 * that end, as its last sample, was known by the answer. A broken `itemTimeMs` tells when its item began and how long it ran at the
 * least; of other items a record holds their number, at the end. A broken `memoryMb` tells what was held then, and is a sample.
 *
 * @param events the run's, for `run$`: those from the beginning up to the end are told
 */
export function courseOf(evaluation: RecordedEvaluation, events: readonly RunEvent[]): Course {
  const { requested, start, end, skipped, samples, progress, violations } = evaluation;
  const beganAt = (start ?? requested).at;
  const endMs = endOf(evaluation, beganAt);
  const at = (wallMs: number): number => Math.min(endMs, Math.max(0, wallMs - beganAt));
  const moments: Moment<Telling>[] = [
    ...between(events, start ?? requested, end ?? skipped).map((event): Moment<Telling> => ({
      atMs: at(event.at),
      value: { kind: 'event', event },
    })),
    ...samples.map((sample) => ({ atMs: at(sample.at), value: { kind: 'sample' as const, sample: sampleOf(sample) } })),
    ...violations
      .filter(({ rule }) => rule === 'memoryMb')
      .map((violation) => ({
        atMs: at(violation.observedAt),
        value: { kind: 'sample' as const, sample: held(violation) },
      })),
    ...progress.map((each) => ({
      atMs: at(each.at),
      value: { kind: 'progress' as const, progress: progressOf(each) },
    })),
    ...violations.flatMap((violation) => itemOf(violation, end, at)),
  ].sort((one, other) => one.atMs - other.atMs);
  const turns = end?.status === 'violated' || end === undefined ? { turns: turnsAfterDeadline } : {};
  if (end !== undefined && end.items.done > 0)
    moments.push({ atMs: endMs, value: { kind: 'item', item: { ...end.items, running: null } }, ...turns });
  moments.push({ atMs: endMs, value: { kind: 'ended' }, ...turns });
  return {
    beganAt,
    endMs,
    moments: start === undefined ? moments : [{ atMs: 0, value: { kind: 'started' } }, ...moments],
  };
}

/** The events from the first on, and before the last. */
function between(events: readonly RunEvent[], first: RunEvent, last: RunEvent | undefined): readonly RunEvent[] {
  if (events.length === 0) return [];
  return events.slice(events.indexOf(first), last === undefined ? undefined : events.indexOf(last));
}

function endOf(evaluation: RecordedEvaluation, beganAt: number): number {
  const { start, end, skipped, knownUntil } = evaluation;
  if (start === undefined || end === undefined) return Math.max(0, ((end ?? skipped)?.at ?? knownUntil) - beganAt);
  const { violation, usage } = end;
  const wallMs = usage.wallMs ?? lastToldAt(evaluation, beganAt) - beganAt;
  return violation?.rule === 'evaluationTimeMs' ? Math.max(wallMs, violation.observed) : wallMs;
}

/** Of what was lost with its process: until then it has run, and of the time after it nothing is known. */
function lastToldAt({ samples, progress, violations }: RecordedEvaluation, beganAt: number): number {
  const ats = [samples.at(-1)?.at, progress.at(-1)?.at, violations.at(-1)?.observedAt];
  return Math.max(beganAt, ...ats.map((at) => at ?? beganAt));
}

/** The item that is known because it took too long: from its beginning for as long as it is known to have run. */
function itemOf(
  { rule, limit, observed, deadlineAt, action, message = '' }: Violation,
  end: EventOf<'evaluation:end'> | undefined,
  at: (wallMs: number) => number,
): Moment<Telling>[] {
  if (rule !== 'itemTimeMs' || deadlineAt === undefined) return [];
  const name = /\bitem "([^"]*)"/i.exec(message)?.[1] ?? 'an item';
  // How many were done then is known of the item that ended the evaluation; of others, that they were not fewer than none.
  const done = action === 'abort' ? (end?.items.done ?? 0) : 0;
  const began: Moment<Telling> = {
    atMs: at(deadlineAt - limit),
    value: { kind: 'item', item: { done, running: { name, forMs: 0 } } },
  };
  if (action === 'abort') return [began];
  return [
    began,
    {
      atMs: at(deadlineAt - limit + observed),
      value: { kind: 'item', item: { done, running: null } },
      turns: turnsAfterDeadline,
    },
  ];
}

function sampleOf({ memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb }: Sample): Sample {
  return { memoryMb, cpuPercent, gpuUtilizationPercent, gpuMemoryMb };
}

function held({ observed }: Violation): Sample {
  return { memoryMb: observed, cpuPercent: null, gpuUtilizationPercent: null, gpuMemoryMb: null };
}

function progressOf({ done, total, note }: Progress): Progress {
  return { done, ...(total === undefined ? {} : { total }), ...(note === undefined ? {} : { note }) };
}
