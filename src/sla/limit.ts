import { ConfigurationError, told } from '../errors/index.ts';

/** What a broken limit does: `abort` (the default) ends the evaluation, `warn` is told once for each breach. */
export interface LimitOptions {
  readonly action?: 'abort' | 'warn';
}

/** @throws {ConfigurationError} when a safeguard's limit is not a finite number above 0. */
export function positiveLimit(limit: unknown, safeguard: string, unit: string): void {
  if (typeof limit === 'number' && Number.isFinite(limit) && limit > 0) return;
  throw new ConfigurationError(
    `${safeguard} takes a limit in ${unit}, a finite number above 0, but ${told(limit)} came: give a plain number`,
  );
}
