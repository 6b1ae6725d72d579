import type { EventOf, Violation } from '../../events/index.ts';
import { inWords } from '../../words/index.ts';
import type { Verdict } from './drilled.ts';
import type { PlannedDrill } from './plan-drills.ts';
import type { ToldRun } from './run-bad.ts';
import { violationsOfSla } from './told-by-safeguards.ts';

type Rule = Pick<PlannedDrill, 'rule' | 'limit' | 'action' | 'heldAt'>;

/** Whether a rule fired in the run in which it was broken, and what was seen of it. */
export function ruleVerdict(drill: Rule, told: ToldRun): Verdict {
  const { events } = told;
  const { rule, limit, heldAt, action } = drill;
  const end = events.find((event): event is EventOf<'evaluation:end'> => event.type === 'evaluation:end');
  const violation = violationsOfSla(told).find((each) => each.rule === rule && each.action === action);
  const held =
    heldAt === limit ? '' : `held at ${inWords(heldAt, unitOf(rule))} in place of ${inWords(limit, unitOf(rule))}: `;
  const seen = violation === undefined ? undefined : seenOf(violation, end, heldAt);
  if (seen !== undefined) return { status: 'fired', seen: held + seen };
  const most = Math.max(
    ...events.flatMap((event) => (event.type === 'evaluation:sample' ? [event.cpuPercent ?? 0] : [])),
  );
  if (rule === 'cpuPercent' && end?.status === 'cancelled' && Number.isFinite(most) && most < heldAt)
    return {
      status: 'not-drilled',
      seen: `it could not be broken: all there was to burn was ${most.toFixed(0)} % of a core`,
    };
  const why = events.find(
    (event): event is EventOf<'sla:unenforceable'> => event.type === 'sla:unenforceable' && event.rule === rule,
  )?.why;
  return {
    status: 'silent',
    seen: held + (why ?? (violation === undefined ? insteadOf(end) : 'it was told, and nothing came of it')),
  };
}

export function unitOf(rule: string): string {
  if (rule.endsWith('Ms')) return 'ms';
  return rule.endsWith('Mb') ? 'MB' : '%';
}

/** `undefined` where the rule was told and nothing came of it. */
function seenOf(violation: Violation, end: EventOf<'evaluation:end'> | undefined, heldAt: number): string | undefined {
  const { rule, action, observed, unit } = violation;
  const took = rule === 'trainingImpactPercent' ? 'the training was slower by' : 'it took';
  switch (action) {
    case 'warn':
      return `told at ${inWords(observed, unit)}; a warning ends nothing`;
    case 'throttle': {
      const pausedMs = end?.usage.pausedMs ?? 0;
      const wallMs = end?.usage.wallMs ?? null;
      if (pausedMs === 0 || wallMs === null) return undefined;
      return `${took} ${inWords(observed, unit)}, and it was paused for ${inWords(Math.round(pausedMs), 'ms')} of ${inWords(wallMs, 'ms')}`;
    }
    case 'abort':
      return end?.status === 'violated' ? endOf(end.violation ?? violation, heldAt) : undefined;
  }
}

function endOf(violation: Violation, heldAt: number): string {
  const { observed, unit, layer, observedAt, deadlineAt, killedAt, goneAt, limit } = violation;
  if (unit !== 'ms') {
    const by = layer === undefined ? '' : ` (${layer})`;
    // Half of the free memory, unless the trainer says otherwise.
    const why = limit < heldAt ? ', all that evaluations may hold together here' : '';
    return `ended at ${inWords(observed, unit)}, the limit was ${inWords(limit, unit)}${why}${by}`;
  }
  const goneMs = (goneAt ?? observedAt) - (killedAt ?? observedAt);
  const lateMs = (killedAt ?? observedAt) - (deadlineAt ?? observedAt);
  return `stopped ${exactly(lateMs)} after the limit, and it was gone ${exactly(goneMs)} later`;
}

function exactly(milliseconds: number): string {
  return `${Math.max(0, milliseconds).toFixed(1)} ms`;
}

/** What happened in the place of it. */
function insteadOf(end: EventOf<'evaluation:end'> | undefined): string {
  if (end === undefined) return 'the evaluation never began';
  if (end.status === 'cancelled') return 'it did not fire, and the evaluation was ended by the drill';
  if (end.violation !== undefined) return `"${end.violation.rule}" ended it before: ${end.violation.message ?? ''}`;
  return `the evaluation ${end.status}: ${end.error?.message ?? 'it answered'}`;
}
