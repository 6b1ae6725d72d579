import type { SampleLimitOptions } from './limit.ts';
import { maxSample, type SampleRule } from './max-sample.ts';
import type { Safeguard } from './safeguard.ts';

const gpuUtilization: SampleRule = {
  field: 'gpuUtilizationPercent',
  rule: 'gpuUtilizationPercent',
  unit: '%',
  observed: (percent) => `kept the GPU busy for ${percent} % of the time`,
  sustainMs: 10_000,
};

/**
 * Ends an evaluation whose process tree keeps the GPU busier than `limitPercent` for 10 s on end: the rule
 * `gpuUtilizationPercent`.
 *
 *     samples$                                   -9-2-9-9-n-9-9-|     (tenths of the time; n: null)
 *     maxGpuUtilization(80, { sustainMs: 4 })    -----------v---|
 *
 * Emits once for each time that it has lain above the limit for `sustainMs` (10 000 by default, 0 for at once). Without a GPU, and
 * where its use by one process cannot be told, every sample is `null` and the rule is never broken.
 *
 * @param limitPercent of the time, a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function maxGpuUtilization(limitPercent: number, options: SampleLimitOptions = {}): Safeguard {
  return maxSample('maxGpuUtilization', gpuUtilization, limitPercent, options);
}
