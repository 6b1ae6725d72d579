import { slaRules, type Sla, type SlaRule } from '../../sla/index.ts';
import type { Finding } from './finding.ts';

/** A rule of the SLA, and why it cannot be held here, where it cannot. */
export interface HeldRule {
  readonly rule: SlaRule;
  readonly limit: number;
  readonly action: string;
  readonly why?: string;
}

/** What was found: what enforces a rule, and what measures for it. */
export interface Found {
  readonly enforced: readonly Finding[];
  readonly measured: readonly Finding[];
}

/** The rules of an SLA, and why they cannot be held where they cannot. */
export function heldRules({ enforced, measured }: Found, sla: Sla): readonly HeldRule[] {
  return slaRules.flatMap((rule) => {
    const limits = sla[rule];
    if (limits === undefined) return [];
    const { limit, action } = limits;
    // What is not measured breaks nothing, unless it is to be measured at all costs: then too little ends the evaluation too.
    const isAtAllCosts = 'whenUnmeasured' in limits && limits.whenUnmeasured === 'abort';
    const without =
      enforced.find(({ status, rules }) => status === 'missing' && rules.includes(rule)) ??
      measured.find(({ status, rules }) => isAtAllCosts && status !== 'works' && rules.includes(rule));
    return [{ rule, limit, action, ...(without !== undefined && { why: `${without.what}: ${without.seen}` }) }];
  });
}
