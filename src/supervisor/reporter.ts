import { machineNowMs, type Letters, type ProgressReport, type SupervisorToHost } from '../wire/index.ts';
import type { Readings } from './readings.ts';

/** Sends to the host; an `optional` message is left out, and `false` given back, while an earlier one waits. */
export type Tell = (message: SupervisorToHost, optional?: boolean) => boolean;

const everyMs = 100;
/** So many progress calls that nobody saw are a flood, and told; fewer are only quicker than ten a second. */
const floodFrom = 1000;

interface Dropped {
  readonly what: string;
  readonly count: number;
}

/** Letters of who knows how many partial results were replaced before they were kept, or found no room. */
export interface CountedLetters extends Letters {
  readonly droppedPartials: number;
}

/** What is seen of an evaluation at a look that is told. */
export interface Seen {
  readonly memoryMb: number | null;
  /** How long the running item was paused by us. */
  readonly itemPausedMs?: number;
}

/**
 * Tells the host how an evaluation goes: ten samples a second, and progress where it has changed. Of an item that is paused its own
 * time is told again each time, or the host would take the pauses for it.
 */
export class Reporter {
  readonly #id: string;
  readonly #tell: Tell;
  #sampledMs = 0;
  #sampledCpuMs: number | null = null;
  #told = '';
  #toldPausedMs = 0;
  /** The item that was reported last, and its time. */
  #item = { startedMs: NaN, forMs: 0 };
  #progressTold = 0;

  constructor(id: string, tell: Tell) {
    this.#id = id;
    this.#tell = tell;
  }

  /** The work begins: the first sample's CPU time counts from here. */
  begin(nowMs: number, cpuMs: number | null): void {
    this.#sampledMs = nowMs;
    this.#sampledCpuMs = cpuMs;
  }

  look({ memoryMb, itemPausedMs = 0 }: Seen, readings: Pick<Readings, 'cpuMs' | 'gpu'>, letters: Letters): void {
    const nowMs = machineNowMs();
    const elapsedMs = nowMs - this.#sampledMs;
    if (elapsedMs < everyMs) return;
    const cpuMs = readings.cpuMs();
    const gpu = readings.gpu();
    const cpuPercent =
      cpuMs === null || this.#sampledCpuMs === null ? null : ((cpuMs - this.#sampledCpuMs) / elapsedMs) * 100;
    this.begin(nowMs, cpuMs);
    const { done, running, progress, progressCount, partialCount } = letters;
    const now = JSON.stringify([done, running?.name, progressCount, partialCount]);
    const isNews = now !== this.#told;
    const hasPaused = itemPausedMs !== this.#toldPausedMs;
    const report = { ...this.progress(letters, itemPausedMs), ...(!isNews && { progress: null }) };
    const sample = { memoryMb, cpuPercent, gpuUtilizationPercent: gpu.utilizationPercent, gpuMemoryMb: gpu.memoryMb };
    if (!this.#tell({ type: 'report', id: this.#id, sample, ...((isNews || hasPaused) && { progress: report }) }, true))
      return;
    if (isNews && progress !== null) this.#progressTold++;
    this.#told = now;
    this.#toldPausedMs = itemPausedMs;
  }

  /**
   * How it goes now. An item's time never falls from one report to the next, though its pauses were added up a little before: by that
   * the host knows that it is the same.
   *
   * @param itemPausedMs how long the running item was paused by us, which is not its own time
   */
  progress(letters: Letters, itemPausedMs: number): ProgressReport {
    const { items, ...others } = progressReport(letters);
    if (letters.running === null || items.running === null) return { items, ...others };
    const { startedMs } = letters.running;
    const leastMs = this.#item.startedMs === startedMs ? this.#item.forMs : leastItemMs;
    const forMs = Math.max(leastMs, items.running.forMs - itemPausedMs);
    this.#item = { startedMs, forMs };
    return { items: { ...items, running: { ...items.running, forMs } }, ...others };
  }

  /** What was told by the evaluator and passed on by nobody. */
  dropped({ progressCount, droppedPartials = 0 }: Letters & Partial<CountedLetters>): Dropped[] {
    const unseen = progressCount - this.#progressTold;
    return [
      ...(unseen > floodFrom ? [{ what: 'progress', count: unseen }] : []),
      ...(droppedPartials > 0 ? [{ what: 'partial results', count: droppedPartials }] : []),
    ];
  }
}

/** What runs has run for so long at least, also where it was paused as it began: 0 is told of what is only just begun. */
const leastItemMs = 0.001;

/** How it goes now, of what is never paused. */
export function progressReport({ done, running, progress, partialCount }: Letters): ProgressReport {
  const forMs = running === null ? 0 : Math.max(0, machineNowMs() - running.startedMs);
  const total = progress?.total;
  return {
    items: { done, ...(total !== undefined && { total }), running: running && { name: running.name, forMs } },
    progress,
    partials: partialCount,
  };
}
