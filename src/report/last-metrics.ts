import type { Curve, Figure, RunReport } from './run-report.ts';

/** The metrics of the last epoch that told any, as figures. */
export function lastMetrics({ metrics }: Pick<RunReport, 'metrics'>): readonly Figure[] {
  const lastEpoch = metrics.reduce((last, { epochs }) => Math.max(last, epochs.at(-1) ?? 0), 0);
  return metrics.filter(({ epochs }) => epochs.at(-1) === lastEpoch).map(lastOf);
}

/** The last value of a curve. */
export function lastOf({ name, values, low, high }: Curve): Figure {
  const value = values.at(-1) ?? null;
  return low === undefined ? { name, value } : { name, value, low: low.at(-1) ?? null, high: high?.at(-1) ?? null };
}
