import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import { violationSchema, type Violation } from '../events/index.ts';
import type { GuardedEvaluation } from './safeguard.ts';
import { violationOf, type Breach } from './violation-of.ts';

const emittedSchema = violationSchema.extend({
  action: z.enum(['abort', 'warn']).describe('"abort" or "warn" (only rules of the SLA throttle)'),
});

/**
 * Reads what a safeguard has emitted: what every violation of an evaluation has in common it may leave out, the rest it must tell.
 *
 * @throws {ConfigurationError} for half a violation, and for one that asks to throttle: nobody would.
 */
export function emittedViolation(
  emitted: unknown,
  guarded: Pick<GuardedEvaluation, 'id' | 'scheduler'>,
  safeguard: string,
): Violation {
  // A copy: of what is no object it is an empty one, and told as that.
  const violation = violationOf(guarded, { ...(emitted as Breach) });
  return parseOptions(emittedSchema, violation, `The violation that ${safeguard} emitted`);
}
