import { CircuitBreaker } from '../../breaker/index.ts';
import type { EvaluationSettings } from '../../callbacks/index.ts';
import type { DrilledRule } from './drilled.ts';
import type { LeftOut, PlannedDrill } from './plan-drills.ts';
import { runBad, type ToldRun } from './run-bad.ts';
import { ruleVerdict } from './rule-verdict.ts';
import { isEndedBySafeguard, violationsOfSla } from './told-by-safeguards.ts';

/** How long a rule that gives less is watched at that. */
const throttledForMs = 1_000;

/**
 * Breaks one rule in a real run. Where a safeguard of the user's ends the evaluation before the rule does, both have a say: the rule is
 * broken once more without it.
 */
export async function drillRule(settings: EvaluationSettings, drill: PlannedDrill | LeftOut): Promise<DrilledRule> {
  const { rule, limit, action } = drill;
  if ('why' in drill)
    return {
      ...{ rule, limit, action, heldAt: limit },
      ...{ status: 'not-drilled', seen: drill.why, safeguards: [], endedBySafeguard: false },
    };
  const told = await broken(settings, drill);
  const safeguards = [...new Set(told.bySafeguards.map((violation) => violation.rule))];
  const endedBySafeguard = isEndedBySafeguard(told);
  const judged = endedBySafeguard ? await broken({ ...settings, safeguards: [] }, drill) : told;
  return { rule, limit, action, heldAt: drill.heldAt, ...ruleVerdict(drill, judged), safeguards, endedBySafeguard };
}

function broken(settings: EvaluationSettings, { rule, fault, sla, patienceMs }: PlannedDrill): Promise<ToldRun> {
  // One that was given has a drill of its own, and may be another evaluation's too.
  const breaker = settings.breaker instanceof CircuitBreaker ? false : settings.breaker;
  return runBad(
    { ...settings, breaker },
    {
      fault,
      sla,
      requests: 1,
      patienceMs,
      isEnough: ({ type }, told) => {
        if (type !== 'sla:violation') return undefined;
        const broken = violationsOfSla(told).find((violation) => violation.rule === rule);
        // What aborts ends by itself.
        return broken && { abort: undefined, throttle: throttledForMs, warn: 0 }[broken.action];
      },
    },
  );
}
