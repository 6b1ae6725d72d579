import type { SchedulerLike } from 'rxjs';
import { clockOf, type Clock } from '../clock/index.ts';
import { ConfigurationError } from '../errors/index.ts';

/** A fake has no time of its own: it takes a clock (a `VirtualClock`), or a scheduler (that of `marbles`). */
export type FakeTime =
  | { readonly clock: Clock; readonly scheduler?: undefined }
  | { readonly scheduler: SchedulerLike; readonly clock?: undefined };

/** @throws {ConfigurationError} without either. */
export function clockOfFake(time: FakeTime | undefined, what: string): Clock {
  if (time?.clock !== undefined) return time.clock;
  if (time?.scheduler !== undefined) return clockOf(time.scheduler);
  throw new ConfigurationError(
    `${what} must get the time it runs in, { clock: new VirtualClock() } or the { scheduler } of a marble test, but neither came.`,
  );
}
