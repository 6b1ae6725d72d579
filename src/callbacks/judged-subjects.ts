import type { RunEvent } from '../events/index.ts';
import { measured } from '../operators/measured.ts';
import { ResultsInOrder } from './results-in-order.ts';
import type { WatchedMetric } from './watched-metric.ts';

/** An epoch that ended whole, or a completed evaluation of it. */
export interface Judged {
  readonly epoch: number;
  /** Of an evaluation the step that it is of. */
  readonly step: number | undefined;
  /** An object of metrics where all is well; a result may be anything. */
  readonly fields: unknown;
  /** The value of the metric; `null` where it is unmeasured. */
  readonly value: number | null;
}

/** Finds what an event gives to judge: results in the order of their requests. */
export class JudgedSubjects {
  readonly #watched: WatchedMetric;
  readonly #results: ResultsInOrder | undefined;
  #wasLive = false;

  constructor(watched: WatchedMetric) {
    this.#watched = watched;
    this.#results = watched.evaluation === undefined ? undefined : new ResultsInOrder(watched.evaluation);
  }

  see(event: RunEvent, isLive: boolean): readonly Judged[] {
    if (this.#results !== undefined) return this.#completed(this.#results, event, isLive);
    if (event.type !== 'epoch:end' || event.interrupted === true) return none;
    return [this.#judged(event.epoch, undefined, event.metrics)];
  }

  /** Whether a result of this epoch may still come, because it was asked for. */
  awaits(epoch: number): boolean {
    return this.#results?.awaits(epoch) ?? false;
  }

  #completed(results: ResultsInOrder, event: RunEvent, isLive: boolean): readonly Judged[] {
    if (!event.type.startsWith('evaluation:')) return none;
    const lost = isLive && !this.#wasLive ? results.lost() : [];
    this.#wasLive = isLive;
    return [...lost, ...results.see(event)].map(({ epoch, step, result }) => this.#judged(epoch, step, result));
  }

  #judged(epoch: number, step: number | undefined, fields: unknown): Judged {
    return { epoch, step, fields, value: valueOf(fields, this.#watched) };
  }
}

const none: readonly Judged[] = [];

/** Of an estimate with its bounds, `{ low, high }`, the value is the bound that promises least. */
function valueOf(fields: unknown, { metric, mode }: Pick<WatchedMetric, 'metric' | 'mode'>): number | null {
  const value = (fields as Readonly<Record<string, unknown>> | null | undefined)?.[metric];
  if (typeof value !== 'object' || value === null) return measured(value);
  return measured((value as { readonly low?: unknown; readonly high?: unknown })[mode === 'max' ? 'low' : 'high']);
}
