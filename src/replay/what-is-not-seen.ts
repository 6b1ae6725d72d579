import type { Violation } from '../events/index.ts';
import type { Sla, SlaRule } from '../sla/index.ts';
import { inWords } from '../words/index.ts';
import type { RecordedEvaluation } from './recorded-evaluation.ts';
import type { Verdict } from './verdict.ts';

/** What an evaluation was held to when it was recorded. */
export interface OldLimits {
  readonly sla: Sla | false | undefined;
  readonly isHeld: (rule: SlaRule) => boolean;
}

/** A verdict, and for `stopped` the violation. */
export interface Found {
  readonly outcome: Verdict;
  readonly violation?: Violation;
}

/**
 * The verdict on an evaluation that broke no limit in what a record holds moment by moment: by its figures at the end, and by what
 * cannot be known.
 */
export function whatIsNotSeen(evaluation: RecordedEvaluation, sla: Sla | false, old: OldLimits): Found {
  const { end } = evaluation;
  if (end === undefined) return unknown('the record ends before it does');
  if (sla === false) return end.status === 'violated' ? endedByOldLimit(evaluation) : passes;
  return (
    peakBetweenSamples(evaluation, sla) ??
    recordedViolation(evaluation, sla) ??
    longItems(evaluation, sla, old) ??
    (end.usage.wallMs === null ? unknown('how long it ran was not recorded') : passes)
  );
}

const passes: Found = { outcome: { verdict: 'passes' } };

/** The verdict on an evaluation whose start took longer than the limit, so that it would never have begun. */
export function slowStart(
  { requested, start, end }: RecordedEvaluation,
  { startTimeMs: { limit } }: Sla,
): Found | undefined {
  const startMs = end?.usage.startMs ?? 0;
  if (start === undefined || startMs <= limit) return undefined;
  return stopped(requested.evaluationId, requested.at, {
    rule: 'startTimeMs',
    limit,
    observed: startMs,
    unit: 'ms',
    afterMs: 0,
    shownBy: 'it had not started',
  });
}

/** The executor's own looks are closer than the samples that are recorded. */
function peakBetweenSamples({ requested, end }: RecordedEvaluation, { memoryMb: rule }: Sla): Found | undefined {
  const peakMb = end?.usage.peakMemoryMb ?? null;
  if (rule.action !== 'abort' || peakMb === null || peakMb <= rule.limit) return undefined;
  return stopped(requested.evaluationId, end?.at ?? requested.at, {
    rule: 'memoryMb',
    limit: rule.limit,
    observed: peakMb,
    unit: 'MB',
    afterMs: null,
    shownBy: 'the peak at its end; no sample says when',
  });
}

/** Ended by its old limit: the new one breaks by that too, or what would have followed is not in the record. */
function recordedViolation(evaluation: RecordedEvaluation, sla: Sla): Found | undefined {
  const { requested, start, end } = evaluation;
  const violation = end?.violation;
  if (end?.status !== 'violated' || violation === undefined) return undefined;
  if (!isRule(violation.rule, sla)) return undefined; // a safeguard of the user's own: it stands, and ends it as it did
  const rule = sla[violation.rule];
  if (rule === undefined) return endedByOldLimit(evaluation);
  const { limit, action } = rule;
  const isBroken = violation.unit === 'ms' ? violation.observed >= limit : violation.observed > limit;
  if (action !== 'abort' || !isBroken) return endedByOldLimit(evaluation);
  return stopped(requested.evaluationId, violation.observedAt, {
    rule: violation.rule,
    limit,
    observed: violation.observed,
    unit: violation.unit,
    afterMs: start === undefined ? 0 : Math.max(0, Math.round(violation.observedAt - start.at)),
    shownBy: start === undefined ? 'it had not started' : 'the violation that ended it',
  });
}

function endedByOldLimit({ end }: RecordedEvaluation): Found {
  const { rule, limit, unit } = end?.violation ?? { rule: 'its limit', limit: 0, unit: '' };
  const wallMs = end?.usage.wallMs ?? null;
  const after = wallMs === null ? '' : ` after ${inWords(wallMs, 'ms')}`;
  return unknown(`its old ${rule} (${inWords(limit, unit)}) ended it${after}`);
}

/** How long its items took is not recorded: only that none took longer than the evaluation, or than the old limit allowed. */
function longItems(
  { end, violations }: RecordedEvaluation,
  { itemTimeMs: rule }: Sla,
  old: OldLimits,
): Found | undefined {
  if (end === undefined || rule.action !== 'abort') return undefined;
  const { status, items, usage } = end;
  if (items.done === 0 && status === 'completed') return undefined; // it marked none: the rule says nothing of it
  const wasBroken = violations.some((told) => told.rule === 'itemTimeMs');
  const oldMs = old.sla && old.isHeld('itemTimeMs') && !wasBroken ? old.sla.itemTimeMs.limit : Infinity;
  const longestMs = Math.min(usage.wallMs ?? Infinity, oldMs);
  if (longestMs <= rule.limit || longestMs === Infinity) return undefined;
  return unknown(`its items took ${inWords(longestMs, 'ms')} at most: no more is recorded`);
}

function isRule(rule: string, sla: Sla): rule is SlaRule {
  return Object.hasOwn(sla, rule);
}

function unknown(why: string): Found {
  return { outcome: { verdict: 'unknown', why } };
}

function stopped(
  id: string,
  observedAt: number,
  found: Omit<Extract<Verdict, { verdict: 'stopped' }>, 'verdict'>,
): Found {
  const { rule, limit, observed, unit } = found;
  const violation: Violation = {
    rule,
    limit,
    observed,
    unit,
    action: 'abort',
    evaluationId: id,
    observedAt,
    lateByHostMs: 0,
    pausedMs: 0,
  };
  return { outcome: { verdict: 'stopped', ...found }, violation };
}
