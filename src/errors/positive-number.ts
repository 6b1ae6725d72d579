import { told } from './told.ts';
import { ConfigurationError } from './pitwall-error.ts';

/**
 * Takes a duration, a size or the like, which must be a finite number above 0.
 *
 * @throws {ConfigurationError} a sentence made of `takes` (`everyMs(ms) takes milliseconds`) and `advice`.
 */
export function positiveNumber(value: unknown, takes: string, advice: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new ConfigurationError(`${takes}, a finite number above 0, but ${told(value)} came: ${advice}`);
}
