import { rounded, spreadOf } from './statistics.ts';

/** What a figure is held to; `unclear` where the run cannot tell. */
export interface Target {
  readonly text: string;
  readonly verdict: 'held' | 'missed' | 'unclear';
}

/** One figure, of us or of somebody else on the same case. */
export interface Row {
  readonly what: string;
  /** `pitwall`, or whose figure it is. */
  readonly who: string;
  readonly figure: string;
  /** Only of a figure that has one. */
  readonly target?: Target;
}

/** A table of its own, for what is no figure with a target. */
export interface Table {
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

/** What a measurement came to. */
export interface Measured {
  readonly rows?: readonly Row[];
  readonly table?: Table;
  /** What a reader should know of this one run. */
  readonly notes?: readonly string[];
}

export interface Circumstances {
  /** Fewer repetitions: enough to see that it works. */
  readonly quick: boolean;
  /** A folder in shared memory, for what evaluators tell. */
  readonly folder: string;
  /** A number that stands in the command line of every stray process, and nowhere else. */
  readonly token: string;
}

/** Something to measure, in a process of its own. */
export interface Measurement {
  readonly title: string;
  /** How it is measured, in a sentence or two. */
  readonly how: string;
  measure(circumstances: Circumstances): Promise<Measured>;
}

/** A figure of at most so much. */
export function atMost(limit: number, unit: string, value: number, label = ''): Target {
  return heldIf(value <= limit, `<= ${limit}${unit}${label === '' ? '' : ` ${label}`}`);
}

export function heldIf(isHeld: boolean, text: string): Target {
  return { text, verdict: isHeld ? 'held' : 'missed' };
}

/** An estimate of at most so much, which is held where its whole 95% interval is. */
export function surelyAtMost(
  limit: number,
  unit: string,
  { value, error95 }: { readonly value: number; readonly error95: number },
): Target {
  const verdict = value + error95 <= limit ? 'held' : value - error95 > limit ? 'missed' : 'unclear';
  return { text: `<= ${limit}${unit}`, verdict };
}

/** `1.2 ms [0.8-3.1], n = 20` */
export function medianText(values: readonly number[], unit: string): string {
  const { median, min, max, count } = spreadOf(values);
  return `${rounded(median)} ${unit} [${rounded(min)} to ${rounded(max)}], n = ${count}`;
}

/** `p50 1.2, p95 2.0, p99 3.1, worst 3.3 ms, n = 100` */
export function tailText(values: readonly number[], unit: string): string {
  const { median, p95, p99, max, count } = spreadOf(values);
  return `p50 ${rounded(median)}, p95 ${rounded(p95)}, p99 ${rounded(p99)}, worst ${rounded(max)} ${unit}, n = ${count}`;
}
