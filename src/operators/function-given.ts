import { ConfigurationError, told } from '../errors/index.ts';

/**
 * Takes what must be a function. Called later, it would fail where nobody hears of it, or be taken for something that failed.
 *
 * @throws {ConfigurationError} a sentence made of `takes` (`isolate(onError) takes a function of the error`) and `advice`.
 */
export function functionGiven(value: unknown, takes: string, advice: string): void {
  if (typeof value !== 'function') throw new ConfigurationError(`${takes}, but ${told(value)} came: ${advice}`);
}
