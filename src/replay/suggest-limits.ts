import type { SlaRule } from '../sla/index.ts';
import type { RecordedEvaluation } from './recorded-evaluation.ts';

/** Fewer say nothing about how the slowest of a hundred behaves. */
export const fewestEvaluations = 20;

/** What is left above the 99th percentile. */
export const headRoom = 1.5;

/** A limit that the record suggests for a rule, and what it rests on. */
export interface SuggestedLimit {
  readonly rule: SlaRule;
  readonly unit: 'ms' | 'MB';
  /** Evaluations that completed and were measured. */
  readonly measured: number;
  /** The 99th percentile by nearest rank: of fewer than 100 it is the largest. `null` where too few were measured, as are the others. */
  readonly p99: number | null;
  readonly largest: number | null;
  /** `p99` times {@link headRoom}, rounded up to two digits. */
  readonly limit: number | null;
}

/** What the record suggests for the evaluations of one name. */
export interface Suggestion {
  readonly evaluation: string;
  readonly completed: number;
  /** Began and did not complete: what they would have taken is not among the figures. */
  readonly notCompleted: number;
  readonly limits: readonly SuggestedLimit[];
}

/** Suggests limits from how long the completed evaluations of a record ran and how much memory they held, by their names. */
export function suggestLimits(evaluations: readonly RecordedEvaluation[]): readonly Suggestion[] {
  const names = [...new Set(evaluations.map(({ requested }) => requested.name))];
  return names.map((evaluation) => {
    const began = evaluations.filter(({ requested, start }) => requested.name === evaluation && start !== undefined);
    const usages = began.flatMap(({ end }) => (end?.status === 'completed' ? [end.usage] : []));
    return {
      evaluation,
      completed: usages.length,
      notCompleted: began.length - usages.length,
      limits: [
        suggested(
          'evaluationTimeMs',
          'ms',
          usages.map(({ wallMs }) => wallMs),
        ),
        suggested(
          'memoryMb',
          'MB',
          usages.map(({ peakMemoryMb }) => peakMemoryMb),
        ),
      ],
    };
  });
}

function suggested(rule: SlaRule, unit: 'ms' | 'MB', values: readonly (number | null)[]): SuggestedLimit {
  const sorted = values
    .flatMap((value) => (value === null || value <= 0 ? [] : [value]))
    .sort((one, other) => one - other);
  const found = sorted.length < fewestEvaluations ? undefined : sorted[Math.ceil(0.99 * sorted.length) - 1];
  if (found === undefined) return { rule, unit, measured: sorted.length, p99: null, largest: null, limit: null };
  return {
    rule,
    unit,
    measured: sorted.length,
    p99: found,
    largest: sorted.at(-1) ?? found,
    limit: roundedUp(found * headRoom),
  };
}

/** To two digits that mean something: 1 234 is 1 300. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(Number((value / unit).toPrecision(12))) * unit).toPrecision(2));
}
