import { positiveNumber } from '../errors/index.ts';

/** What a broken limit does: `abort` (the default) ends the evaluation, `warn` is told once for each breach. */
export interface LimitOptions {
  readonly action?: 'abort' | 'warn';
}

/** Options of a limit of what is sampled. */
export interface SampleLimitOptions extends LimitOptions {
  /** How long samples must lie above the limit on end before it is broken, in ms. 0: the first one breaks it. */
  readonly sustainMs?: number;
}

/** @throws {ConfigurationError} when a safeguard's limit is not a finite number above 0. */
export function positiveLimit(limit: unknown, safeguard: string, unit: string): void {
  positiveNumber(limit, `${safeguard} takes a limit in ${unit}`, 'give a plain number');
}
