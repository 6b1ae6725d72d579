import type { Replayed } from './replayed.ts';
import { notesOf } from './notes.ts';

/** What `--json` writes: everything of the report, as data. What is not known is `null`. */
export function jsonOf(replayed: Replayed): object {
  const { folder, events, sla, breaker, judged, sampling, suggestions } = replayed;
  return {
    run: events[0]?.runId ?? null,
    folder,
    events: events.length,
    sla: sla?.sla ?? 'as recorded',
    breaker: breaker?.options ?? 'as recorded',
    sampling,
    evaluations:
      judged?.evaluations.map(({ recorded: { requested, end, skipped }, refused, judgement: { outcome, warned } }) => ({
        evaluationId: requested.evaluationId,
        name: requested.name,
        epoch: requested.epoch,
        step: requested.step,
        recorded: end?.status ?? skipped?.reason ?? null,
        wallMs: end?.usage.wallMs ?? null,
        ...outcome,
        refused,
        warned,
      })) ?? null,
    transitions: judged?.transitions ?? null,
    suggestions: suggestions ?? null,
    notes: notesOf(replayed),
  };
}
