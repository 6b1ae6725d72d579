import { z } from 'zod';
import { parseOptions, positiveNumber } from '../errors/index.ts';

/** What a broken limit does: `abort` (the default) ends the evaluation, `warn` is told once for each breach. */
export interface LimitOptions {
  readonly action?: 'abort' | 'warn';
}

/** Options of a limit of what is sampled. */
export interface SampleLimitOptions extends LimitOptions {
  /** How long samples must lie above the limit on end before it is broken, in ms. 0: the first one breaks it. */
  readonly sustainMs?: number;
}

/** What every limit takes; a safeguard with options of its own extends it. */
export const limitOptionsSchema = z.strictObject({
  action: z.enum(['abort', 'warn']).describe("'abort' or 'warn'").default('abort'),
});

/** Options are strict: a violation with an action that nobody knows would end nothing. @throws {ConfigurationError} */
export function limitOptions(options: LimitOptions, safeguard: string): Required<LimitOptions> {
  return parseOptions(limitOptionsSchema, options, `The options of ${safeguard}`);
}

/** @throws {ConfigurationError} when a safeguard's limit is not a finite number above 0. */
export function positiveLimit(limit: unknown, safeguard: string, unit: string): void {
  positiveNumber(limit, `${safeguard} takes a limit in ${unit}`, 'give a plain number');
}
