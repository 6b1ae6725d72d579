import type { EvaluationSettings } from '../../callbacks/index.ts';
import { resolveSla, slaRules, type Sla, type SlaInput } from '../../sla/index.ts';
import { kindOf } from './bad-executor.ts';
import type { RuleOf } from './drilled.ts';
import type { Fault } from './fault.ts';
import { beyondMb, wayToBreak, type Means } from './ways-to-break.ts';

/** A rule that will be broken, and how. */
export interface PlannedDrill extends RuleOf {
  readonly heldAt: number;
  readonly fault: Fault;
  /** The SLA of the run: this rule at its limit of the drill, and the others so that none of them comes before it. */
  readonly sla: Sla;
  /** A rule that has not fired for so long does not. */
  readonly patienceMs: number;
}

/** A rule that cannot be broken here, and why. */
export interface LeftOut extends RuleOf {
  readonly why: string;
}

/** Nothing of ours takes longer than this to start, or to be seen. */
const slackMs = 15_000;
/** Percent of a core that an evaluator gets at the lowest priority, also where every core is busy. */
const alwaysThere = 1;
/** What is slowed down so much is certain within so long, but on a machine with much else to do. */
const trainingMs = 75_000;
/** Memory is taken at least so fast. */
const mbPerSecond = 100;

/** How each rule of an evaluation's SLA is going to be broken, in the order of the rules; none where the SLA is switched off. */
export function planDrills(
  { executor, sla, unenforceable }: Pick<EvaluationSettings, 'executor' | 'sla' | 'unenforceable'>,
  means: Means,
): readonly (PlannedDrill | LeftOut)[] {
  if (sla === false) return [];
  return slaRules.flatMap((rule): readonly (PlannedDrill | LeftOut)[] => {
    const { limit, action } = sla[rule] ?? {};
    if (limit === undefined || action === undefined) return [];
    const unheld = unenforceable.find((each) => each.rule === rule);
    if (unheld !== undefined) return [{ rule, limit, action, why: `its executor cannot hold it: ${unheld.why}` }];
    const way = wayToBreak(rule, limit, kindOf(executor), means);
    if (typeof way === 'string') return [{ rule, limit, action, why: way }];
    return [planned({ rule, limit, action }, way, sla, means)];
  });
}

function planned({ rule, limit, action }: RuleOf, fault: Fault, sla: Sla, { longestMs }: Means): PlannedDrill {
  const isTime = rule.endsWith('Ms');
  const heldAt = Math.min(limit, isTime ? longestMs : rule === 'cpuPercent' ? alwaysThere : Infinity);
  const sustainMs = Math.min(sla.cpuPercent?.sustainMs ?? 0, longestMs);
  const takesMs = { time: heldAt, memory: ((limit + beyondMb) / mbPerSecond) * 1_000, share: sustainMs + longestMs };
  const isTraining = rule === 'trainingImpactPercent';
  const patienceMs =
    slackMs + (isTraining ? trainingMs : takesMs[isTime ? 'time' : rule === 'memoryMb' ? 'memory' : 'share']);
  const written: SlaInput = {
    evaluationTimeMs: Math.max(sla.evaluationTimeMs.limit, 2 * patienceMs),
    startTimeMs: Math.max(sla.startTimeMs.limit, patienceMs),
    itemTimeMs: Math.max(sla.itemTimeMs.limit, 2 * patienceMs),
    memoryMb: sla.memoryMb,
    [rule]: rule === 'cpuPercent' ? { ...sla.cpuPercent, limit: heldAt, sustainMs } : { limit: heldAt, action },
  };
  return { rule, limit, action, heldAt, fault, patienceMs, sla: resolveSla(written, 'The SLA of the drill').sla };
}
