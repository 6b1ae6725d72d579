import type { SampleLimitOptions } from './limit.ts';
import { maxSample, type SampleRule } from './max-sample.ts';
import type { Safeguard } from './safeguard.ts';

const cpu: SampleRule = {
  field: 'cpuPercent',
  rule: 'cpuPercent',
  unit: '%',
  observed: (percent) => `used ${percent} % of a core`,
};

/**
 * Ends an evaluation whose process tree uses more than `limitPercent` of a core: the rule `cpuPercent`.
 *
 *     samples$                        -9-9-9-2-9-n-9-9-|     (tenths of a core; n: null)
 *     maxCpu(50)                      -v-------v-------|
 *     maxCpu(50, { sustainMs: 4 })    -----v-------v---|
 *
 * Emits once for each time that it comes to lie above the limit, for `sustainMs` where that is given. What could not be measured
 * (`null`) never compares. Completes with `samples$`.
 *
 * @param limitPercent of one core, so that 200 is two: a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 *
 * @example
 * evaluation({ name: 'vs-random', every: 5, module, input, safeguards: [maxCpu(150, { sustainMs: 10_000, action: 'warn' })] });
 */
export function maxCpu(limitPercent: number, options: SampleLimitOptions = {}): Safeguard {
  return maxSample('maxCpu', cpu, limitPercent, options);
}
