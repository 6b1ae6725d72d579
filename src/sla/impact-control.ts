import { ImpactGovernor } from './impact-governor.ts';
import { ImpactInterval, type ImpactEstimate } from './impact-interval.ts';
import type { PairPlan, Steps, WindowPair } from './impact-windows.ts';
import { PairLoss } from './pair-loss.ts';

/** What a pair has brought about. */
export type ImpactVerdict =
  /** It cannot be told yet, or it is as it was. */
  | { readonly kind: 'none' }
  /** Within the limit, for certain. */
  | { readonly kind: 'under'; readonly estimate: ImpactEstimate }
  /** Above the limit, for certain: from now on it runs part of the time. Where that may not be it is said again and again. */
  | { readonly kind: 'over'; readonly estimate: ImpactEstimate }
  /** It may run all the time again. */
  | { readonly kind: 'recovered'; readonly estimate: ImpactEstimate }
  /** Above the limit with the smallest share too. */
  | { readonly kind: 'beyond help'; readonly estimate: ImpactEstimate };

export interface ImpactControlOptions {
  /** A share of the training's speed: 0.05 is 5%. */
  readonly limit: number;
  /** Whether what breaks the limit is given a smaller share of the time. */
  readonly mayThrottle: boolean;
}

/**
 * `free` runs all the time and is measured now and then; `held` is given a share; `tried` runs all the time again, to see whether it
 * may.
 */
type Mode =
  | { readonly kind: 'free'; readonly sinceMs: number | null }
  | { readonly kind: 'resting'; readonly untilMs: number }
  | { readonly kind: 'held'; readonly governor: ImpactGovernor; readonly notBeforeMs: number; readonly waitMs: number }
  | { readonly kind: 'tried'; readonly governor: ImpactGovernor; readonly waitMs: number };

/** Each decision of a running meter may be wrong so often: it takes one after the other. */
const alpha = 0.005;
/** After a decision it is let alone for twice the time that it took, so that measuring itself costs it little. */
const restByMeasured = 2;
const longestRestMs = 30_000;
const longestMeasuringMs = 30_000;
/** Who was let go too early is tried again after twice the time. */
const firstTrialMs = 10_000;
const longestTrialMs = 600_000;

const none: ImpactVerdict = { kind: 'none' };

/** Long steps among short ones, as checkpoints are, tell little by a short window: that is made longer by them, and not as long as a pause hurts. */
function measuring({ longestMs }: Steps): PairPlan {
  return { onMs: 1_000, offMs: Math.min(1_000, Math.max(250, 3 * longestMs)) };
}

/**
 * Decides, pair by pair, what evaluations cost the training, and what share of the time they get: the pure part of the meter and of
 * the governor.
 */
export class ImpactControl {
  readonly #limit: number;
  readonly #mayThrottle: boolean;
  readonly #interval = new ImpactInterval(alpha);
  /** What it costs with the smallest share; begun anew whenever it has more. */
  readonly #atSmallest = new ImpactInterval(alpha);
  readonly #loss = new PairLoss();
  #mode: Mode = { kind: 'free', sinceMs: null };
  #impact: number | null = null;

  constructor({ limit, mayThrottle }: ImpactControlOptions) {
    this.#limit = limit;
    this.#mayThrottle = mayThrottle;
  }

  /** What it costs now, as a share of the training's speed; `null` until that can be told. */
  get impact(): number | null {
    return this.#impact;
  }

  /** Whether it is given a smaller share of the time. */
  get isHeld(): boolean {
    return this.#mode.kind === 'held' || this.#mode.kind === 'tried';
  }

  /** The windows of the next pair; `null` where it is to run, unmeasured. */
  plan(nowMs: number, steps: Steps): PairPlan | null {
    const mode = this.#mode;
    switch (mode.kind) {
      case 'held':
        return mode.governor.plan(steps);
      case 'resting':
        if (nowMs < mode.untilMs) return null;
        this.#mode = { kind: 'free', sinceMs: nowMs };
        return measuring(steps);
      case 'free':
        this.#mode = { ...mode, sinceMs: mode.sinceMs ?? nowMs };
        return measuring(steps);
      case 'tried':
        return measuring(steps);
    }
  }

  /** @param others what is lost already to what cannot be paused, as a share */
  add(pair: WindowPair, nowMs: number, others = 0): ImpactVerdict {
    const share = this.#mode.kind === 'held' ? this.#mode.governor.duty : undefined;
    const loss = this.#loss.of(pair, share);
    if (loss === null) return none;
    // Where the others alone break the limit, nothing is left to be held: this is judged for itself.
    const limit = others < this.#limit ? this.#limit - others : this.#limit;
    this.#interval.add(loss);
    const mode = this.#mode;
    return mode.kind === 'held'
      ? this.#whileHeld(mode, { loss, ranMs: pair.ranMs }, limit, nowMs)
      : this.#whileFree(mode, limit, nowMs);
  }

  #whileFree(mode: Exclude<Mode, { kind: 'held' }>, limit: number, nowMs: number): ImpactVerdict {
    const { estimate } = this.#interval;
    if (estimate === null) return none;
    const side = estimate.low > limit ? 'over' : estimate.high < limit ? 'under' : undefined;
    if (side === undefined) {
      // What cannot be told for long, and seems well, is measured half of the time: pauses cost the evaluation.
      if (mode.kind === 'free' && estimate.mean < limit && measuredMs(mode, nowMs) > longestMeasuringMs)
        this.#rest(nowMs, longestMeasuringMs);
      return none;
    }
    this.#interval.clear();
    this.#impact = Math.max(0, estimate.mean);
    if (mode.kind === 'tried') {
      if (side === 'under') {
        this.#rest(nowMs, 0);
        return { kind: 'recovered', estimate };
      }
      const waitMs = Math.min(longestTrialMs, mode.waitMs * 2);
      this.#loss.clear();
      this.#mode = { kind: 'held', governor: mode.governor, notBeforeMs: nowMs + waitMs, waitMs };
      this.#impact = mode.governor.impact;
      return none;
    }
    if (side === 'under') {
      this.#rest(nowMs, restByMeasured * measuredMs(mode, nowMs));
      return { kind: 'under', estimate };
    }
    if (this.#mayThrottle) {
      const governor = new ImpactGovernor(limit);
      this.#loss.clear();
      this.#mode = { kind: 'held', governor, notBeforeMs: nowMs + firstTrialMs, waitMs: firstTrialMs };
      return { kind: 'over', estimate };
    }
    this.#rest(nowMs, restByMeasured * measuredMs(mode, nowMs));
    return { kind: 'over', estimate };
  }

  #whileHeld(
    mode: Extract<Mode, { kind: 'held' }>,
    { loss, ranMs }: { readonly loss: number; readonly ranMs: number },
    limit: number,
    nowMs: number,
  ): ImpactVerdict {
    const { governor, notBeforeMs, waitMs } = mode;
    governor.add(loss, ranMs);
    this.#impact = governor.impact;
    if (governor.isSmallest) this.#atSmallest.add(loss * governor.duty);
    else this.#atSmallest.clear();
    const smallest = this.#atSmallest.estimate;
    if (smallest !== null && smallest.low > limit) {
      this.#atSmallest.clear();
      return { kind: 'beyond help', estimate: smallest };
    }
    const { estimate } = this.#interval;
    if (estimate === null || (estimate.low <= limit && estimate.high >= limit)) return none;
    this.#interval.clear();
    if (estimate.high < limit && nowMs >= notBeforeMs) {
      this.#loss.clear();
      this.#mode = { kind: 'tried', governor, waitMs };
    }
    return none;
  }

  #rest(nowMs: number, restMs: number): void {
    this.#mode = { kind: 'resting', untilMs: nowMs + Math.min(longestRestMs, restMs) };
  }
}

function measuredMs(mode: Mode, nowMs: number): number {
  return mode.kind === 'free' ? nowMs - (mode.sinceMs ?? nowMs) : 0;
}
