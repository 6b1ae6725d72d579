import { z } from 'zod';
import { ConfigurationError } from '../errors/index.ts';
import {
  controlGroupVariable,
  evaluationMark,
  executionMark,
  hostMark,
  lifeVariable,
  scratchVariable,
  seedVariable,
  sweepMark,
  tellingVariable,
} from '../wire/index.ts';

/** Environment variables as an option. */
export const environmentSchema = z
  .record(
    z.string().regex(/^[^=\0]+$/),
    z
      .string()
      .regex(/^[^\0]*$/)
      .describe('a string without NUL'),
  )
  .describe('an object of environment variables: names without "=" and NUL, and strings');

/** By these a process is found and told what it is for: another value would hide it from its end. */
const reserved: readonly string[] = [
  evaluationMark,
  executionMark,
  hostMark,
  tellingVariable,
  seedVariable,
  controlGroupVariable,
  lifeVariable,
  sweepMark,
  scratchVariable,
];

/**
 * Gives an evaluation's environment variables back as they are.
 *
 * @param what whose options they are, as the sentence names them
 * @throws {ConfigurationError} for one of those that Pitwall sets itself.
 */
export function ownVariables(env: Readonly<Record<string, string>>, what: string): Readonly<Record<string, string>> {
  const name = Object.keys(env).find((each) => reserved.includes(each));
  if (name === undefined) return env;
  throw new ConfigurationError(
    `${what}: "env.${name}" must be left out, because Pitwall sets it itself, as it does ${reserved.filter((each) => each !== name).join(', ')}: take another name.`,
  );
}
