import { fewestSteps, type PairPlan, type Steps } from './impact-windows.ts';

const smallestDuty = 0.1;
const largestDuty = 0.9;
const firstDuty = 0.5;
/** Aimed at below the limit, so that what varies does not break it. */
const aim = 0.8;
/**
 * What Pitwall itself does for an evaluation that runs, or is paused, costs a training so much of its speed: no pause tells of it. With
 * steps of 2 ms on two cores it was 1.2% (half of it between the steps, for what is told of the evaluation).
 */
const ownWork = 0.01;
/** Of a limit that is hardly more than that so much is still given. */
const leastAim = 0.2;
const periodMs = 250;
/** Less than this is no running. */
const shortestOnMs = 25;

/**
 * Holds what an evaluation costs the training to a limit, by the share of the time in which it runs (its duty).
 *
 * Feed-forward: the share follows what the evaluation costs while it runs, which each of its periods measures, so that it settles
 * within seconds and does not swing as a controller does that only knows whether the limit is broken. Loss by share is taken as
 * linear.
 */
export class ImpactGovernor {
  #duty = firstDuty;
  /** What it costs while it runs, as a share of the training's speed. */
  #loss = 0;
  #periods = 0;
  #plannedMs = 0;
  /** How much longer than planned it runs in a period: until a step ends. */
  #overMs = 0;

  /** @param like begins with what this one knows, and the share that it gives */
  constructor(like?: ImpactGovernor) {
    if (like === undefined) return;
    this.#duty = like.#duty;
    this.#loss = like.#loss;
    this.#periods = like.#periods;
    this.#overMs = like.#overMs;
  }

  /** The share of the time in which it runs, 0.1 to 0.9. */
  get duty(): number {
    return this.#duty;
  }

  /** What it costs with that share. */
  get impact(): number {
    return Math.max(0, this.#duty * this.#loss);
  }

  get isSmallest(): boolean {
    return this.#duty <= smallestDuty;
  }

  /** One period's loss while it ran, how long it ran, and the limit: a share, 0.05 is 5%. */
  add(loss: number, ranMs: number, limit: number): void {
    this.#periods++;
    this.#overMs += Math.max(0.2, 1 / this.#periods) * (ranMs - this.#plannedMs - this.#overMs);
    const belief = Math.min(Math.max(this.#duty, 0.08), 0.3);
    this.#loss += Math.max(belief, 1 / this.#periods) * (loss - this.#loss);
    const aimedAt = Math.max(aim * limit - ownWork, leastAim * limit);
    const wanted = aimedAt / Math.max(this.#loss, 0.001);
    if (wanted < 0.95 * this.#duty) this.#duty = Math.max(wanted, this.#duty / 2);
    else if (wanted > 1.1 * this.#duty) this.#duty = Math.min(wanted, 1.1 * this.#duty);
    this.#duty = Math.min(largestDuty, Math.max(smallestDuty, this.#duty));
  }

  /** A period: long enough for the steps that each part needs. */
  plan({ stepMs }: Steps): PairPlan {
    const duty = this.#duty;
    const leastMs = fewestSteps(stepMs) * stepMs;
    const onMs = Math.max(duty * periodMs, shortestOnMs, leastMs, (leastMs * duty) / (1 - duty));
    this.#plannedMs = onMs;
    // What runs longer than it should is paused for longer too.
    return { onMs, offMs: ((onMs + Math.max(0, this.#overMs)) * (1 - duty)) / duty };
  }
}
