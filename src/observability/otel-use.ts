import type { EventOf, Sample } from '../events/index.ts';
import { asRatio, inBytes } from './otel-attributes.ts';
import type { ObservableName } from './otel-instruments.ts';

/** What is used now: its instrument, and how it is made of samples. */
const uses: readonly (readonly [ObservableName, keyof Sample, (value: number | null) => number | null])[] = [
  ['pitwall.evaluation.memory.usage', 'memoryMb', inBytes],
  ['pitwall.evaluation.cpu.utilization', 'cpuPercent', asRatio],
  ['pitwall.evaluation.gpu.utilization', 'gpuUtilizationPercent', asRatio],
  ['pitwall.evaluation.gpu.memory.usage', 'gpuMemoryMb', inBytes],
];

/** What the evaluations of one name use at this moment, all that run together. */
export class OtelUse {
  /** The last sample of each that runs, by its id. */
  readonly #running = new Map<string, Sample | undefined>();
  readonly #measured = new Set<keyof Sample>();

  isRunning(evaluationId: string): boolean {
    return this.#running.has(evaluationId);
  }

  started(evaluationId: string): void {
    this.#running.set(evaluationId, undefined);
  }

  sampled(sample: EventOf<'evaluation:sample'>): void {
    this.#running.set(sample.evaluationId, sample);
    for (const [, field] of uses) if (sample[field] !== null) this.#measured.add(field);
  }

  ended(evaluationId: string): void {
    this.#running.delete(evaluationId);
  }

  /** Nothing runs any more. */
  close(): void {
    this.#running.clear();
  }

  /** Tells each figure; `null` where it is not known. */
  read(tell: (name: ObservableName, value: number | null) => void): void {
    tell('pitwall.evaluation.running', this.#running.size);
    for (const [name, field, convert] of uses) tell(name, convert(this.#total(field)));
  }

  /**
   * The sum; `null` where one of them is not known. Once it was measured, nothing at work uses nothing: the SDK goes on telling what
   * it was told last where it is told nothing.
   */
  #total(field: keyof Sample): number | null {
    if (this.#running.size === 0) return this.#measured.has(field) ? 0 : null;
    const values = [...this.#running.values()].map((sample) => sample?.[field] ?? null);
    const known = values.filter((value) => value !== null);
    return known.length < values.length ? null : known.reduce((sum, value) => sum + value, 0);
  }
}
