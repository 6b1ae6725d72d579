import type { SampleLimitOptions } from './limit.ts';
import { maxSample, type SampleRule } from './max-sample.ts';
import type { Safeguard } from './safeguard.ts';

const gpuMemory: SampleRule = {
  field: 'gpuMemoryMb',
  rule: 'gpuMemoryMb',
  unit: 'MB',
  observed: (megabytes) => `held ${megabytes} MB of the GPU's memory`,
};

/**
 * Ends an evaluation whose process tree holds more than `limitMb` of the GPU's memory: the rule `gpuMemoryMb`.
 *
 *     samples$          -3-6-n-7-4-8-|     (MB; n: null)
 *     maxGpuMemory(5)   ---v-------v-|
 *
 * Emits as {@link maxMemory} does. Without a GPU, and where its use by one process cannot be told, every sample is `null` and the
 * rule is never broken.
 *
 * @param limitMb MB of 2^20 bytes, a finite number above 0
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function maxGpuMemory(limitMb: number, options: SampleLimitOptions = {}): Safeguard {
  return maxSample('maxGpuMemory', gpuMemory, limitMb, options);
}
