import type { SlaRule } from '../../sla/index.ts';
import type { Kind } from './bad-executor.ts';

/** A rule as the evaluation has it, and what is done when it is broken. */
export interface RuleOf {
  readonly rule: SlaRule;
  readonly limit: number;
  readonly action: 'warn' | 'throttle' | 'abort';
}

/** What became of a rule, or of a breaker, when it was put to the test; `silent` did not fire. */
export interface Verdict {
  readonly status: 'fired' | 'silent' | 'not-drilled';
  /** What was seen, in a sentence or less, with its figures. */
  readonly seen: string;
}

/** One rule that was drilled, or why it was not. */
export interface DrilledRule extends RuleOf, Verdict {
  /** The limit of the drill, which is lower where the real one would take long. */
  readonly heldAt: number;
  /** The rules of the user's own safeguards that fired beside it. */
  readonly safeguards: readonly string[];
  /** One of them ended the evaluation before the rule did: the rule was broken once more without them. */
  readonly endedBySafeguard: boolean;
}

/** One evaluation that was drilled. */
export interface DrilledEvaluation {
  readonly name: string;
  readonly executor: Kind;
  readonly rules: readonly DrilledRule[];
  readonly breaker: Verdict;
}
