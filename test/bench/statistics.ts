/** What is told of many values. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** @throws where there is nothing to tell. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('Nothing was measured.');
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    min: quantile(sorted, 0),
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

/** The smallest value that has at least this share of all values at or below it; the median is halfway between two. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (index: number): number => sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? NaN;
  if (share === 0.5) return (at(Math.ceil(sorted.length / 2) - 1) + at(Math.floor(sorted.length / 2))) / 2;
  return at(Math.ceil(share * sorted.length) - 1);
}

/** A value with half of its 95% interval. */
export interface Estimate {
  readonly value: number;
  readonly error95: number;
}

/** The mean: Student's t for its interval, approximated to a hundredth from 4 values on. */
export function meanOf(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = sumOf(values) / n;
  const freedom = n - 1;
  const variance = sumOf(values.map((value) => (value - mean) ** 2)) / freedom;
  const t = 1.96 + 2.4 / freedom + 3.6 / freedom ** 2;
  return { value: mean, error95: t * Math.sqrt(variance / n) };
}

/** The median: the ranks between which it lies in 95% of all samples, the wider of both sides. For skewed values. */
export function medianOf(values: readonly number[]): Estimate {
  const sorted = values.toSorted((a, b) => a - b);
  const value = quantile(sorted, 0.5);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const low = sorted[Math.max(Math.floor(sorted.length / 2 - reach), 0)] ?? NaN;
  const high = sorted[Math.min(Math.ceil(sorted.length / 2 + reach), sorted.length - 1)] ?? NaN;
  return { value, error95: Math.max(value - low, high - value) };
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** A number for people: three figures that mean something, and no `-0.0`. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? '0' : text;
}
