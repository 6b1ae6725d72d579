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
