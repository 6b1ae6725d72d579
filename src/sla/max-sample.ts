import { filter, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Sample } from '../events/index.ts';
import { breach, sustained } from '../operators/index.ts';
import { above } from '../words/index.ts';
import { limitOptionsSchema, positiveLimit, type SampleLimitOptions } from './limit.ts';
import { named } from './named.ts';
import type { GuardedEvaluation, Safeguard } from './safeguard.ts';
import { violationOf } from './violation-of.ts';

/** A rule about one field of the samples. */
export interface SampleRule {
  readonly field: keyof Sample;
  readonly rule: string;
  readonly unit: string;
  /** How the violation's sentence begins, with the rounded figure: `held 6 MB`. */
  readonly observed: (figure: string) => string;
  /** How long a breach must last unless the options say otherwise, in ms; 0 by default. */
  readonly sustainMs?: number;
}

const optionsSchema = limitOptionsSchema.extend({
  sustainMs: z.number().nonnegative().describe('milliseconds, a finite number from 0 on').optional(),
});

/**
 * Watches that a sampled value stays at or below a limit.
 *
 * @param safeguard its name, as its errors name it
 * @throws {ConfigurationError} one sentence about the first mistake in limit or options.
 */
export function maxSample(
  safeguard: string,
  { field, rule, unit, observed, sustainMs: usualMs = 0 }: SampleRule,
  limit: number,
  options: SampleLimitOptions,
): Safeguard {
  positiveLimit(limit, safeguard, unit);
  const { action, sustainMs = usualMs } = parseOptions(optionsSchema, options, `The options of ${safeguard}`);
  const read = (sample: Sample): number | null => usable(sample[field]);
  return named(safeguard, (guarded) =>
    guarded.samples$.pipe(
      sustainMs === 0 ? beginnings(read, limit) : heldAbove(read, limit, sustainMs, guarded),
      map((value) =>
        violationOf(guarded, {
          rule,
          limit,
          observed: value,
          unit,
          action,
          message: `"${guarded.name}" ${observed(above(limit, value, 1))}${sustainMs === 0 ? '' : ` after ${sustainMs} ms above it`}, and its limit is ${limit} ${unit} (${rule})`,
        }),
      ),
    ),
  );
}

/** The values that begin a breach. */
function beginnings(read: (sample: Sample) => number | null, limit: number) {
  return (samples$: Observable<Sample>): Observable<number> =>
    samples$.pipe(
      breach(read, { limit }),
      filter(({ kind }) => kind === 'start'),
      map(({ value }) => value),
    );
}

/** The values at which the samples have lain above the limit for long enough. */
function heldAbove(
  read: (sample: Sample) => number | null,
  limit: number,
  forMs: number,
  { scheduler }: Pick<GuardedEvaluation, 'scheduler'>,
) {
  const isAbove = (sample: Sample): boolean | null => {
    const value = read(sample);
    return value === null ? null : value > limit;
  };
  return (samples$: Observable<Sample>): Observable<number> =>
    samples$.pipe(
      sustained(isAbove, { forMs, scheduler }),
      map(read),
      filter((value) => value !== null),
    );
}

/** What is below 0 counts as unmeasured, as `undefined` and NaN do: a use cannot be. */
function usable(value: number | null | undefined): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}
