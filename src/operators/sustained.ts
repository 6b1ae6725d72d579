import { asyncScheduler, defer, filter, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { z } from 'zod';
import { clockOf } from '../clock/index.ts';
import { parseOptions } from '../errors/index.ts';
import { functionGiven } from './function-given.ts';

export interface SustainedOptions {
  /** How long the condition must hold, in ms. */
  readonly forMs: number;
  /** A "no" at most this long in ms, up to the next "yes", breaks nothing. 0 by default: each "no" breaks. */
  readonly gapMs?: number;
  /** The time. RxJS's asyncScheduler by default. */
  readonly scheduler?: SchedulerLike;
}

const optionsSchema = z.strictObject({
  forMs: z.number().positive().describe('milliseconds, a finite number above 0'),
  gapMs: z.number().nonnegative().describe('milliseconds, a finite number from 0 on').default(0),
  scheduler: z.custom<SchedulerLike>().optional(),
});

/**
 * Emits the sample at which a condition has held for `forMs`, once for each time that it comes to hold.
 *
 *     samples$                        -y-y-y-y-n-y-y-y-y-|     (yes, no)
 *     sustained(…, { forMs: 4 })      -----y---------y---|
 *
 *     samples$                        -y-?-y-n-y-y-y-----|     (?: null, could not be measured)
 *     …, { forMs: 4, gapMs: 2 }       -----y-------------|
 *
 * `null` breaks nothing and is no evidence: it is passed over, so that it neither begins a stretch nor ends one, and never is
 * what is emitted. Only a sample emits: silence is no evidence either. Completes and errors with its source, and errors with
 * what `condition` throws.
 *
 * @param condition true, false, or `null` (or nothing) where the sample cannot tell
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function sustained<T>(
  condition: (sample: T) => boolean | null | undefined,
  options: SustainedOptions,
): MonoTypeOperatorFunction<T> {
  functionGiven(
    condition,
    'sustained(condition, options) takes a function of a sample',
    'sustained(({ cpuPercent }) => cpuPercent === null ? null : cpuPercent > 90, { forMs: 10_000 })',
  );
  const { forMs, gapMs, scheduler } = parseOptions(optionsSchema, options, 'The options of sustained');
  const clock = clockOf(scheduler ?? asyncScheduler);
  return (samples$) =>
    defer(() => {
      let streak: Streak | null = null;
      return samples$.pipe(
        filter((sample) => {
          const holds = condition(sample);
          if (holds === null || holds === undefined) return false;
          const told: boolean = streak?.reached ?? false;
          streak = afterSample(streak, holds, clock.now(), { forMs, gapMs });
          return streak !== null && streak.reached && !told;
        }),
      );
    });
}

/** A stretch in which the condition holds: since when, since when it is doubted, and whether it has lasted long enough. */
interface Streak {
  readonly sinceMs: number;
  readonly noSinceMs: number | null;
  readonly reached: boolean;
}

function afterSample(
  streak: Streak | null,
  holds: boolean,
  nowMs: number,
  { forMs, gapMs }: { readonly forMs: number; readonly gapMs: number },
): Streak | null {
  const fresh = holds ? { sinceMs: nowMs, noSinceMs: null, reached: false } : null;
  if (streak === null || (gapMs <= 0 && !holds)) return fresh;
  const noSinceMs = streak.noSinceMs ?? nowMs;
  if (nowMs - noSinceMs > gapMs) return fresh;
  if (!holds) return { ...streak, noSinceMs };
  return { ...streak, noSinceMs: null, reached: streak.reached || nowMs - streak.sinceMs >= forMs };
}
