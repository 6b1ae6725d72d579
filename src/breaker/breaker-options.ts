import { z } from 'zod';
import { systemClock, type Clock } from '../clock/index.ts';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { defaultWaitMs } from './open-wait.ts';
import type { RecordFailure } from './permit.ts';
import type { Thresholds } from './thresholds.ts';

/** What a {@link CircuitBreaker} is made of; all of it has a default. */
export interface CircuitBreakerOptions {
  /** Names it in errors and events. Default `'breaker'`. */
  readonly name?: string | undefined;
  /** Default `systemClock`. */
  readonly clock?: Clock | undefined;
  /** Which calls count: the last `size`, or those of the last `sizeMs`. Default `{ type: 'count', size: 10 }`. */
  readonly slidingWindow?: SlidingWindow | undefined;
  /** Below this many calls no rate is judged. Above the window's `size` it is taken as that size. Default 3. */
  readonly minimumNumberOfCalls?: number | undefined;
  /** In percent, above 0 to 100: opens at or above it. Default 50. */
  readonly failureRateThreshold?: number | undefined;
  /** A call that took this long or longer is slow. Without it no call is timed. */
  readonly slowCallDurationMs?: number | undefined;
  /** In percent, above 0 to 100: opens at or above it. Needs `slowCallDurationMs`; without it slow calls open nothing. */
  readonly slowCallRateThreshold?: number | undefined;
  /**
   * How long it stays open, in ms, or a function of the attempt: 1 for the first opening, 2 for the one after a failed half-open,
   * and so on. It is asked once an opening. Default 60 s, doubling with each attempt to 30 min.
   */
  readonly waitDurationInOpenStateMs?: number | ((attempt: number) => number) | undefined;
  /** How many calls half-open admits and judges. Default 1. */
  readonly permittedNumberOfCallsInHalfOpenState?: number | undefined;
  /** How long half-open waits for its verdicts, in ms, until it opens again. Default 1 800 000 (30 min). */
  readonly maxWaitDurationInHalfOpenStateMs?: number | undefined;
  /**
   * Tells which errors count. `false` gives the permit back as if there had been no call; a throw counts. Default: all;
   * for an evaluation `countsAgainstBreaker`.
   */
  readonly recordFailure?: RecordFailure | undefined;
}

export type SlidingWindow =
  { readonly type: 'count'; readonly size: number } | { readonly type: 'time'; readonly sizeMs: number };

/** The options, checked and completed. */
export interface BreakerSettings extends Thresholds {
  readonly name: string;
  readonly clock: Clock;
  readonly slidingWindow: SlidingWindow;
  readonly minimumNumberOfCalls: number;
  readonly slowCallDurationMs: number | undefined;
  readonly waitMs: (attempt: number) => number;
  readonly halfOpenCalls: number;
  readonly halfOpenMs: number;
  readonly recordFailure: RecordFailure | undefined;
}

/**
 * Checks the options of a breaker and fills in the defaults.
 *
 * @throws {ConfigurationError} about the first mistake; an unknown key names its near match.
 */
export function breakerSettings(options: CircuitBreakerOptions): BreakerSettings {
  const what = breakerTold(options);
  const {
    name = 'breaker',
    clock = systemClock,
    minimumNumberOfCalls = 3,
    failureRateThreshold = 50,
    slowCallDurationMs,
    slowCallRateThreshold,
    waitDurationInOpenStateMs = defaultWaitMs,
    permittedNumberOfCallsInHalfOpenState = 1,
    maxWaitDurationInHalfOpenStateMs = 1_800_000,
    recordFailure,
    slidingWindow: windowGiven = { type: 'count', size: 10 },
  } = parseOptions(optionsSchema, options, `The ${what}`);
  const slidingWindow = windowSettings(windowGiven, `The slidingWindow of the ${what}`);
  if (slowCallRateThreshold !== undefined && slowCallDurationMs === undefined)
    throw new ConfigurationError(
      `The ${what} has a slowCallRateThreshold but no slowCallDurationMs: say from how many milliseconds on a call is slow`,
    );
  return {
    name,
    clock,
    slidingWindow,
    minimumNumberOfCalls:
      slidingWindow.type === 'count' ? Math.min(minimumNumberOfCalls, slidingWindow.size) : minimumNumberOfCalls,
    failureRateThreshold,
    slowCallDurationMs,
    slowCallRateThreshold,
    waitMs: typeof waitDurationInOpenStateMs === 'number' ? () => waitDurationInOpenStateMs : waitDurationInOpenStateMs,
    halfOpenCalls: permittedNumberOfCallsInHalfOpenState,
    halfOpenMs: maxWaitDurationInHalfOpenStateMs,
    recordFailure,
  };
}

/** How a sentence names the breaker of these options, whatever they are. */
export function breakerTold(options: unknown): string {
  const name = (options as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? `breaker "${name}"` : 'circuit breaker';
}

const percent = z.number().gt(0).lte(100).describe('a percentage above 0 and up to 100');
const duration = z.number().positive().describe('a number of milliseconds above 0');
const calls = z.number().int().positive().describe('a whole number of calls from 1 on');

const aFunction = <Fn>() => z.custom<Fn>((value) => typeof value === 'function');

const optionsSchema = z
  .strictObject({
    name: z.string().min(1).describe('a name').optional(),
    clock: z.custom<Clock>(isClock).describe('a Clock (now, wallNow and setTimeout)').optional(),
    slidingWindow: z
      .looseObject({ type: z.enum(['count', 'time']).describe('"count" or "time"') })
      .describe("{ type: 'count', size } or { type: 'time', sizeMs }")
      .optional(),
    minimumNumberOfCalls: calls.optional(),
    failureRateThreshold: percent.optional(),
    slowCallDurationMs: duration.optional(),
    slowCallRateThreshold: percent.optional(),
    waitDurationInOpenStateMs: z
      .union([z.number().nonnegative(), aFunction<(attempt: number) => number>()])
      .describe('a number of milliseconds from 0 on, or a function that gives one for an attempt')
      .optional(),
    permittedNumberOfCallsInHalfOpenState: calls.optional(),
    maxWaitDurationInHalfOpenStateMs: duration.optional(),
    recordFailure: aFunction<RecordFailure>().describe('a function of an error that gives true or false').optional(),
  })
  .describe('an object of options');

const windowSchemas = {
  count: z.strictObject({
    type: z.literal('count'),
    size: z.number().int().min(1).max(10_000_000).describe('a whole number of calls from 1 to 10 000 000').optional(),
  }),
  time: z.strictObject({ type: z.literal('time'), sizeMs: duration.optional() }),
};

/** Each type has its own schema, and a missing size is told last: so that `size` for `sizeMs` is told as the slip it is. */
function windowSettings(given: { readonly type: 'count' | 'time' }, what: string): SlidingWindow {
  const parsed = parseOptions(windowSchemas[given.type], given, what);
  if (parsed.type === 'count' && parsed.size !== undefined) return { type: 'count', size: parsed.size };
  if (parsed.type === 'time' && parsed.sizeMs !== undefined) return { type: 'time', sizeMs: parsed.sizeMs };
  throw new ConfigurationError(
    `${what} has the type "${given.type}" but no ${given.type === 'count' ? '"size", in calls' : '"sizeMs", in milliseconds'}`,
  );
}

function isClock(value: unknown): boolean {
  const clock = value as Partial<Record<keyof Clock, unknown>> | null | undefined;
  return [clock?.now, clock?.wallNow, clock?.setTimeout].every((method) => typeof method === 'function');
}
