import { readFile } from 'node:fs/promises';
import { CircuitBreaker, type CircuitBreakerOptions } from '../breaker/index.ts';
import { ConfigurationError, reasonOf, told } from '../errors/index.ts';
import { resolveSla, type Sla, type SlaRule } from '../sla/index.ts';

/** An SLA file, and which of its rules are written in it rather than left to their defaults. */
export interface SlaFile {
  readonly path: string;
  readonly sla: Sla;
  readonly written: ReadonlySet<SlaRule>;
}

/** @throws {ConfigurationError} one sentence: the file cannot be read, is not JSON, or has a wrong rule. */
export async function readSla(path: string): Promise<SlaFile> {
  const what = `The SLA in ${path}`;
  return { path, ...resolveSla(await readObject(path, what), what) };
}

/** @throws {ConfigurationError} one sentence: the file cannot be read, is not JSON, or has a wrong option. */
export async function readBreaker(path: string): Promise<CircuitBreakerOptions> {
  const options = (await readObject(path, `The breaker in ${path}`)) as CircuitBreakerOptions;
  try {
    new CircuitBreaker(options); // checks them, where the mistake was made
  } catch (error) {
    throw new ConfigurationError(`In ${path}: ${reasonOf(error)}`, { cause: error });
  }
  return options;
}

async function readObject(path: string, what: string): Promise<object> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${what} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`${what} must be JSON, but it cannot be read as that: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigurationError(`${what} must be an object, but ${told(value)} came.`);
  return value;
}
