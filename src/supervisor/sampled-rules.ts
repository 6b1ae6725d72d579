import type { GpuShare } from '../probes/index.ts';

/** What is known when a rule is judged. */
interface Known {
  readonly usedCpuMs: number | null;
  readonly elapsedMs: number;
  readonly gpu: () => GpuShare;
}

/** A rule about what is sampled: how often it is judged, and how its figure is read and said. */
export interface SampledRule {
  readonly name: 'cpuPercent' | 'gpuUtilizationPercent' | 'gpuMemoryMb';
  readonly unit: '%' | 'MB';
  readonly everyMs: number;
  /** What the GPU's driver tells comes when it comes, and may fail now and then. */
  readonly source: 'processor' | 'gpu';
  /** Without a figure for so long it is unmeasured. */
  readonly unmeasuredAfterMs: number;
  readonly used: (known: Known) => number | null;
  readonly inWords: (observed: number) => string;
  /** The same of the whole machine, for where the evaluation's own part is not known. */
  readonly whole?: (gpu: GpuShare) => number | null;
}

/** One failure of a driver that works is none: it is asked again after 2 s. */
const twoQuestionsMs = 5_000;

export const sampledRules: readonly SampledRule[] = [
  {
    name: 'cpuPercent',
    unit: '%',
    // The system counts processor time in ticks of 10 ms, so less would tell little.
    everyMs: 500,
    source: 'processor',
    unmeasuredAfterMs: 500,
    used: ({ usedCpuMs, elapsedMs }) => (usedCpuMs === null ? null : (usedCpuMs / elapsedMs) * 100),
    inWords: (percent) => `${percent.toFixed(0)} % of a core`,
  },
  {
    name: 'gpuUtilizationPercent',
    unit: '%',
    // The driver is asked once a second.
    everyMs: 1_000,
    source: 'gpu',
    unmeasuredAfterMs: twoQuestionsMs,
    used: ({ gpu }) => gpu().utilizationPercent,
    inWords: (percent) => `${percent.toFixed(0)} % of a GPU`,
    whole: ({ busiestPercent }) => busiestPercent,
  },
  {
    name: 'gpuMemoryMb',
    unit: 'MB',
    everyMs: 1_000,
    source: 'gpu',
    unmeasuredAfterMs: twoQuestionsMs,
    used: ({ gpu }) => gpu().memoryMb,
    inWords: (memoryMb) => `${memoryMb.toFixed(0)} MB of GPU memory`,
  },
];
