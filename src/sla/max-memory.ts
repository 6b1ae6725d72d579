import { distinctUntilChanged, filter, map } from 'rxjs';
import { positiveLimit, type LimitOptions } from './limit.ts';
import type { Safeguard } from './safeguard.ts';
import { violationOf } from './violation-of.ts';

/**
 * Ends an evaluation whose process tree holds more than `limitMb`: the rule `memoryMb`.
 *
 *     samples$         -3-6-n-7-4-8-|     (MB; n: null)
 *     maxMemory(5)     ---v-------v-|
 *
 * Emits once for each time that the memory comes to lie above the limit. What could not be measured (`null`) never compares: it
 * neither breaks the rule nor ends a breach. Completes with `samples$`.
 *
 * @param limitMb MB of 2^20 bytes, a finite number above 0
 * @throws {ConfigurationError} when it is something else.
 */
export function maxMemory(limitMb: number, { action = 'abort' }: LimitOptions = {}): Safeguard {
  positiveLimit(limitMb, 'maxMemory', 'MB');
  return (guarded) =>
    guarded.samples$.pipe(
      map(({ memoryMb }) => memoryMb),
      filter(isMeasured),
      distinctUntilChanged((before, now) => before > limitMb === now > limitMb),
      filter((memoryMb) => memoryMb > limitMb),
      map((memoryMb) =>
        violationOf(guarded, {
          rule: 'memoryMb',
          limit: limitMb,
          observed: memoryMb,
          unit: 'MB',
          action,
          message: `"${guarded.name}" held ${Math.round(memoryMb * 10) / 10} MB, and its limit is ${limitMb} MB (memoryMb)`,
        }),
      ),
    );
}

/** `undefined`, NaN and what is below 0 count as unmeasured; a true 0 is measured. */
function isMeasured(memoryMb: number | null | undefined): memoryMb is number {
  return typeof memoryMb === 'number' && memoryMb >= 0;
}
