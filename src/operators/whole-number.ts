import { ConfigurationError, told } from '../errors/index.ts';

/**
 * Takes a count that must be a whole number from 1 on.
 *
 * @throws {ConfigurationError} a sentence made of `what` takes (`everyEpochs(n) takes`) and `advice`.
 */
export function wholeNumber(value: unknown, what: string, advice: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new ConfigurationError(`${what} takes a whole number from 1 on, but ${told(value)} came: ${advice}`);
}

/**
 * Takes a duration that must be a finite number above 0.
 *
 * @throws {ConfigurationError} in the same manner.
 */
export function positiveMs(value: unknown, what: string, advice: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw new ConfigurationError(
    `${what} takes milliseconds, a finite number above 0, but ${told(value)} came: ${advice}`,
  );
}
