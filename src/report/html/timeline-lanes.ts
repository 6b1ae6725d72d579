import type { EvaluationTold } from '../run-report.ts';

/** The evaluations of one name, as they lie on a timeline. */
export interface LaneGroup {
  readonly name: string;
  /** In each, one after the other: from its request to its end. */
  readonly lanes: readonly (readonly EvaluationTold[])[];
  /** Each is a moment only. */
  readonly skipped: readonly EvaluationTold[];
}

/** More at once share the last. */
const mostLanes = 8;

/**
 * Lays evaluations out so that none covers another: each takes the first lane of its name that is free at its request.
 *
 * @param untilMs where those lie that have no end in the record
 */
export function lanesOf(evaluations: readonly EvaluationTold[], untilMs: number): readonly LaneGroup[] {
  const groups = new Map<string, { lanes: EvaluationTold[][]; endsMs: number[]; skipped: EvaluationTold[] }>();
  for (const evaluation of evaluations) {
    const { name, requestedMs, endedMs, state } = evaluation;
    let group = groups.get(name);
    if (group === undefined) groups.set(name, (group = { lanes: [], endsMs: [], skipped: [] }));
    if (state === 'skipped') {
      group.skipped.push(evaluation);
      continue;
    }
    const { lanes, endsMs } = group;
    let lane = endsMs.findIndex((endMs) => endMs <= requestedMs);
    if (lane === -1) lane = Math.min(lanes.length, mostLanes - 1);
    (lanes[lane] ??= []).push(evaluation);
    endsMs[lane] = Math.max(endsMs[lane] ?? 0, endedMs ?? untilMs);
  }
  return [...groups].map(([name, { lanes, skipped }]) => ({ name, lanes, skipped }));
}
