import { ImpactInterval, type ImpactEstimate } from './impact-interval.ts';
import type { Stepped, WindowPair } from './impact-windows.ts';
import { PairLoss } from './pair-loss.ts';

/** In one pause of so many all are paused: the others lose little by it. */
const fewestSlices = 7;
/** After a decision they are let alone for so long. */
const restMs = 30_000;

/**
 * Measures what those cost the training that may not be given less, while others beside them run a share of the time: by two pauses
 * after each other, one of these others and one of all.
 */
export class UnheldCost {
  readonly #interval: ImpactInterval;
  readonly #loss = new PairLoss();
  #slices = 0;
  /** What was done in the last pause of the others alone, and when that was over. */
  #beside: { readonly off: Stepped; readonly atMs: number } | undefined;
  #notBeforeMs = -Infinity;
  #mean: number | null = null;

  /** @param alpha how often its interval may miss the truth */
  constructor(alpha: number) {
    this.#interval = new ImpactInterval(alpha);
  }

  /** As a share of the training's speed, by the last decision; `null` before one. */
  get mean(): number | null {
    return this.#mean;
  }

  /** Whether all are to be paused in the pair that begins now. */
  isDue(nowMs: number): boolean {
    return this.#slices >= fewestSlices && this.#beside?.atMs === nowMs && nowMs >= this.#notBeforeMs;
  }

  /** The others alone were paused. */
  addSlice({ off }: WindowPair, nowMs: number): void {
    this.#slices++;
    this.#beside = { off, atMs: nowMs };
  }

  /** All were paused, just after the others alone. */
  addWhole({ off, edges, ranMs }: WindowPair): ImpactEstimate | null {
    const on = this.#beside?.off;
    this.#slices = 0;
    const loss = on === undefined ? null : this.#loss.of({ on, off, edges, ranMs });
    if (loss === null) return null;
    this.#interval.add(loss);
    return this.#interval.estimate;
  }

  /** It can be told: the next figure is begun anew, after a rest unless the one that it was of is ended. */
  decided({ mean }: ImpactEstimate, nowMs: number, endsOne: boolean): void {
    this.#interval.clear();
    this.#mean = Math.max(0, mean);
    this.#notBeforeMs = endsOne ? nowMs : nowMs + restMs;
  }
}
