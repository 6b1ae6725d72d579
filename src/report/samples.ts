import type { EventOf } from '../events/index.ts';
import type { SamplesTold } from './run-report.ts';
import { thinned } from './thinned.ts';

/** Of one violation. */
const mostSamples = 240;

const measures = ['memoryMb', 'cpuPercent', 'gpuUtilizationPercent', 'gpuMemoryMb'] as const;
type Measure = (typeof measures)[number];

/** What was sampled of one evaluation while it runs. */
export class Samples {
  readonly #ats: number[] = [];
  readonly #columns: Record<Measure, (number | null)[]> = {
    memoryMb: [],
    cpuPercent: [],
    gpuUtilizationPercent: [],
    gpuMemoryMb: [],
  };

  add(sample: EventOf<'evaluation:sample'>): void {
    this.#ats.push(sample.at);
    for (const measure of measures) this.#columns[measure].push(sample[measure]);
  }

  /** Thinned by what matters to the rule: of each stretch its least and its greatest. */
  told(rule: string, startedAt: number): SamplesTold {
    const columns = this.#columns;
    const places = thinned(columns[measureOf(rule)], mostSamples);
    const at = <T>(column: readonly T[]): T[] => places.map((place) => column[place] as T);
    return {
      atMs: at(this.#ats).map((wallMs) => wallMs - startedAt),
      memoryMb: at(columns.memoryMb),
      cpuPercent: at(columns.cpuPercent),
      gpuUtilizationPercent: at(columns.gpuUtilizationPercent),
      gpuMemoryMb: at(columns.gpuMemoryMb),
      of: this.#ats.length,
    };
  }
}

/** What of a sample says something of a rule: its own measure, and of a rule about anything else the memory. */
export function measureOf(rule: string): Measure {
  return measures.find((measure) => measure === rule) ?? 'memoryMb';
}
