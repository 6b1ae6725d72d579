import type { SampleLimitOptions } from './limit.ts';
import { maxSample, type SampleRule } from './max-sample.ts';
import type { Safeguard } from './safeguard.ts';

const memory: SampleRule = {
  field: 'memoryMb',
  rule: 'memoryMb',
  unit: 'MB',
  observed: (megabytes) => `held ${megabytes} MB`,
};

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
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function maxMemory(limitMb: number, options: SampleLimitOptions = {}): Safeguard {
  return maxSample('maxMemory', memory, limitMb, options);
}
