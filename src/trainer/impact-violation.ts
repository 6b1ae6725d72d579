import type { Governed } from '../callbacks/index.ts';
import type { Overhead, Violation } from '../events/index.ts';
import type { ImpactEstimate } from '../sla/index.ts';

/** What is known when a violation of `trainingImpactPercent` is told. */
export interface ImpactFigures {
  readonly estimate: ImpactEstimate;
  /** It was measured of another evaluation of the same name, before this one came. */
  readonly isOfBefore: boolean;
  /** What callbacks cost the training. */
  readonly overhead: Overhead;
  /** Wall-clock milliseconds. */
  readonly observedAt: number;
}

/** What differs from one evaluation to the other. */
interface OfMember {
  readonly pausedMs: number;
  /** Where another's limit holds for it too. */
  readonly limit?: number;
}

const rule = 'trainingImpactPercent';
const unit = '%';
const nextSteps = {
  throttle: 'it runs part of the time from now on, so that the limit is kept',
  warn: 'it runs on, because this rule only warns',
  abort: 'it is ended',
  recovered: 'it runs all the time again',
  'well again': 'it is kept again',
};

/** The violation of the rule, or its end, with a sentence that says on what it rests. */
export function impactViolation(
  { evaluationId, name, rule: { limit: own } }: Governed,
  action: Violation['action'],
  { estimate, isOfBefore, overhead, observedAt, pausedMs, limit = own }: ImpactFigures & OfMember,
  next: keyof typeof nextSteps = action,
): Violation {
  const ofCallbacks = overhead.percent ?? 0;
  // Where callbacks alone break the limit it is judged for itself.
  const isAlone = ofCallbacks >= limit;
  const observed = Math.max(0, 100 * estimate.mean) + (isAlone ? 0 : ofCallbacks);
  const within = isOfBefore
    ? 'as was measured of the one before'
    : `${inPercent(100 * estimate.low)} to ${inPercent(100 * estimate.high)} of it by ${estimate.pairs} pairs of windows with it paused and running`;
  const whose = limit < own ? `${rule}, the smallest of those that run together` : rule;
  return {
    rule,
    limit,
    observed,
    unit,
    action,
    evaluationId,
    observedAt,
    lateByHostMs: 0,
    pausedMs,
    message: `The training was slower by ${inPercent(observed)} while "${name}" ran, ${within}${besides(overhead, isAlone)}; the limit is ${limit} % (${whose}): ${nextSteps[next]}.`,
  };
}

/** What callbacks on the training thread take by themselves, where that alone is above the limit: nothing can be paused for it. */
export function callbacksTold(
  { evaluationId, rule: { limit } }: Governed,
  overhead: Overhead,
  observedAt: number,
): Violation {
  const observed = overhead.percent ?? 0;
  return {
    rule,
    limit,
    observed,
    unit,
    action: 'warn',
    evaluationId,
    observedAt,
    lateByHostMs: 0,
    pausedMs: 0,
    message: `Callbacks on the training thread alone take ${inPercent(observed)} of its time (${byName(overhead)}), and the limit is ${limit} % (${rule}): no pause of an evaluation helps, so make them do less.`,
  };
}

function besides(overhead: Overhead, isAlone: boolean): string {
  const percent = overhead.percent ?? 0;
  if (percent < 0.1) return '';
  const what = `${inPercent(percent)} by callbacks on its thread (${byName(overhead)})`;
  return isAlone ? `, besides ${what}, against which no pause helps` : `, and ${what}`;
}

/** The three that take most. */
function byName({ callbacksMs, trainingMs }: Overhead): string {
  return Object.entries(callbacksMs)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([name, ms]) => `${name} ${inPercent(trainingMs > 0 ? (100 * ms) / trainingMs : 0)}`)
    .join(', ');
}

function inPercent(percent: number): string {
  return `${percent.toFixed(1)} %`;
}
