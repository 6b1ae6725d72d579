import type { EventOf, Sample } from '../events/index.ts';
import type { GaugeName } from './prometheus-families.ts';

const bytesPerMb = 2 ** 20;

/** By their labels, as few as a label may have values. */
export type Numbers = ReadonlyMap<string, number>;

/** The evaluations of one label: what runs of them, and how the last one ended. */
export interface Evaluated {
  /** The last sample of each that runs, by its id. */
  readonly running: Map<string, Sample | undefined>;
  last?: EventOf<'evaluation:end'>;
  lastResult?: { readonly epoch: number; readonly numbers: Numbers };
  /**
   * Wall-clock milliseconds since which a result is awaited: of the first request after the last result, or of that one where others
   * were asked for already.
   */
  awaitedAt?: number | undefined;
  /** What the last of which it was known cost the training. */
  impactPercent?: number;
}

type Tell = (gauge: GaugeName, value: number | null | undefined, label?: { readonly field: string }) => void;

/** Tells what is known of them now. */
export function readEvaluated({ running, last, lastResult, awaitedAt, impactPercent }: Evaluated, tell: Tell): void {
  const samples = [...running.values()];
  tell('evaluations_running', running.size);
  tell('evaluation_memory_bytes', total(samples, 'memoryMb', bytesPerMb));
  tell('evaluation_cpu_ratio', total(samples, 'cpuPercent', 0.01));
  tell('evaluation_gpu_utilization_ratio', total(samples, 'gpuUtilizationPercent', 0.01));
  tell('evaluation_gpu_memory_bytes', total(samples, 'gpuMemoryMb', bytesPerMb));
  const peakMb = last?.usage.peakMemoryMb;
  tell('evaluation_peak_memory_bytes', peakMb === null || peakMb === undefined ? null : peakMb * bytesPerMb);
  tell('evaluation_training_impact_ratio', impactPercent === undefined ? undefined : impactPercent / 100);
  tell('evaluation_awaited_timestamp_seconds', awaitedAt === undefined ? undefined : awaitedAt / 1000);
  tell('evaluation_result_epoch', lastResult?.epoch);
  for (const [field, value] of lastResult?.numbers ?? []) tell('evaluation_result', value, { field });
}

/** The sum; `null` where one of them is not known, or none is there. */
function total(samples: readonly (Sample | undefined)[], field: keyof Sample, factor: number): number | null {
  const known = samples.map((sample) => sample?.[field] ?? null).filter((value) => value !== null);
  if (known.length === 0 || known.length < samples.length) return null;
  return known.reduce((sum, value) => sum + value, 0) * factor;
}
