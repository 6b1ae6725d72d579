import type { RecordedEvaluation } from './recorded-evaluation.ts';

/** How fine a record is: a verdict on what was sampled is no finer. */
export interface Sampling {
  readonly samples: number;
  /** Between the samples of one evaluation, in ms; `null` where no evaluation has two. */
  readonly medianGapMs: number | null;
  readonly largestGapMs: number | null;
  /** Evaluations that began, by what the record does not hold of them. */
  readonly withoutMemory: number;
  readonly withItems: number;
  readonly began: number;
}

/** Tells how closely evaluations were looked at when they were recorded. */
export function samplingOf(evaluations: readonly RecordedEvaluation[]): Sampling {
  const began = evaluations.filter(({ start }) => start !== undefined);
  const gaps = began
    .flatMap(({ samples }) => samples.slice(1).map(({ at }, index) => at - (samples[index]?.at ?? at)))
    .sort((one, other) => one - other);
  return {
    samples: began.reduce((sum, { samples }) => sum + samples.length, 0),
    medianGapMs: gaps[Math.floor(gaps.length / 2)] ?? null,
    largestGapMs: gaps.at(-1) ?? null,
    withoutMemory: began.filter(isUnmeasured).length,
    withItems: began.filter(({ end }) => (end?.items.done ?? 0) > 0).length,
    began: began.length,
  };
}

function isUnmeasured({ samples, end }: RecordedEvaluation): boolean {
  return (end?.usage.peakMemoryMb ?? null) === null && samples.every(({ memoryMb }) => memoryMb === null);
}
