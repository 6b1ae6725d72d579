import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';

const optionsSchema = z.strictObject({
  from: z.int().nonnegative().describe('a whole number from 0 on').default(0),
});

/** Reads where a trigger joins. @throws {ConfigurationError} one sentence about the first mistake. */
export function fromOption(options: { readonly from?: number }, trigger: string): number {
  return parseOptions(optionsSchema, options, `The options of ${trigger}`).from;
}
