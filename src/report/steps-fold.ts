import type { EventOf, JournalledEvent } from '../events/index.ts';
import { lastStep } from '../operators/last-step.ts';
import type { StepRate } from './run-report.ts';
import { thinned } from './thinned.ts';

const mostPoints = 1600;

/** How many steps the training did, and how fast, from its summaries of about a second each. */
export class StepsFold {
  /** The highest number of a step that was told. */
  steps = 0;
  #seqs: number[] = [];
  #ats: number[] = [];
  #rates: number[] = [];
  #sinceAt = 0;

  /** Counts on: where the run was killed, a checkpoint may be all that tells of its last steps. */
  see(event: JournalledEvent): void {
    this.steps = lastStep(this.steps, event);
  }

  /** From here on the time counts: what is between epochs, or between two processes, is no time of steps. */
  begin(at: number): void {
    this.#sinceAt = at;
  }

  summary({ seq, at, count }: EventOf<'step:summary'>): void {
    const tookMs = at - this.#sinceAt;
    this.#sinceAt = at;
    if (tookMs <= 0) return; // the wall clock was set back, or all of it was one moment
    this.#seqs.push(seq);
    this.#ats.push(at);
    this.#rates.push((1000 * count) / tookMs);
  }

  /** Forgets what was told after `fromSeq`, where `steps` were done. */
  resume(fromSeq: number, steps: number): void {
    const kept = this.#seqs.findLastIndex((seq) => seq <= fromSeq) + 1;
    this.#seqs.length = this.#ats.length = this.#rates.length = kept;
    this.steps = steps;
  }

  rate(startedAt: number): StepRate {
    const places = thinned(this.#rates, mostPoints);
    return {
      atMs: places.map((place) => (this.#ats[place] ?? startedAt) - startedAt),
      perSecond: places.map((place) => this.#rates[place] ?? 0),
      of: this.#rates.length,
    };
  }
}
