import type { EvaluationCounts, EventOf } from '../../events/index.ts';
import type { BrokenRule, DemoState } from './demo-state.ts';
import { winRates, type WinRate } from './scores.ts';
import { stepsPerSecond, type StepsPerSecond } from './speed.ts';

/** What `--json` writes: everything of the summary, as data. What could not be measured is `null`. */
export interface DemoReport {
  readonly runId: string;
  readonly status: EventOf<'run:end'>['status'] | null;
  readonly reason: string | null;
  readonly seed: number;
  readonly epochs: number;
  readonly steps: number;
  /** The training's own curve: the same seed gives the same figures. */
  readonly losses: DemoState['losses'];
  readonly winRates: readonly WinRate[];
  readonly evaluations: EvaluationCounts | null;
  /** The same by the evaluation's name. */
  readonly evaluationsByName: Readonly<Record<string, EvaluationCounts>>;
  readonly violations: readonly BrokenRule[];
  /** By the breaker's name: every state that it was in. */
  readonly breakers: Readonly<Record<string, readonly string[]>>;
  readonly stepsPerSecond: StepsPerSecond;
  readonly overhead: EventOf<'run:end'>['overhead'] | null;
  /** The journal's file. */
  readonly journal: string | null;
}

export function reportOf(state: DemoState, seed: number, journal: string | undefined): DemoReport {
  const { runId, epochsEnded, steps, losses, outcomes, counts, violations, breakers, speed, end } = state;
  return {
    runId,
    status: end?.status ?? null,
    reason: end?.reason ?? null,
    seed,
    epochs: epochsEnded,
    steps,
    losses,
    winRates: winRates(outcomes),
    evaluations: end?.evaluations ?? null,
    evaluationsByName: Object.fromEntries(counts),
    violations,
    breakers: Object.fromEntries(breakers),
    stepsPerSecond: stepsPerSecond(speed),
    overhead: end?.overhead ?? null,
    journal: journal ?? null,
  };
}
