import { ImpactGovernor } from './impact-governor.ts';
import { ImpactInterval, type ImpactEstimate } from './impact-interval.ts';
import { leftOf, sideOf, type ImpactRule } from './impact-rule.ts';
import type { PairPlan, Steps, WindowPair } from './impact-windows.ts';
import { PairLoss } from './pair-loss.ts';
import { UnheldCost } from './unheld-cost.ts';

/** What a pair has brought about. */
export type ImpactVerdict =
  /** It cannot be told yet, or it is as it was. */
  | { readonly kind: 'none' }
  /** Within all limits, for certain. */
  | { readonly kind: 'under'; readonly estimate: ImpactEstimate }
  /** Above one at least, for certain. Where a share may be given it is held from now on; else that is said again and again. */
  | { readonly kind: 'over'; readonly estimate: ImpactEstimate }
  /** It may run all the time again. */
  | { readonly kind: 'recovered'; readonly estimate: ImpactEstimate }
  /** Above the limit with the smallest share too. */
  | { readonly kind: 'beyond help'; readonly estimate: ImpactEstimate };

/**
 * `free` runs all the time and is measured now and then; `held` is given a share; `tried` runs all the time again, to see whether it
 * may.
 */
type Mode =
  | { readonly kind: 'free'; readonly sinceMs: number | null }
  | { readonly kind: 'resting'; readonly untilMs: number }
  | ({ readonly kind: 'held'; readonly notBeforeMs: number } & Held)
  | ({ readonly kind: 'tried' } & Held);

/** What holds it, at which limit, and how long it has to be held before it is tried. */
interface Held {
  readonly heldAt: number;
  readonly governor: ImpactGovernor;
  readonly waitMs: number;
  /** Of those beside it that may not be given less; nothing where there are none. */
  readonly unheld: UnheldCost | undefined;
}

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
  readonly #rules: readonly ImpactRule[];
  /** Above this it is given a smaller share of the time; nothing where that may not be. */
  readonly #heldAt: number | undefined;
  readonly #interval = new ImpactInterval(alpha);
  /** What it costs with the smallest share; begun anew whenever it has more. */
  readonly #atSmallest = new ImpactInterval(alpha);
  readonly #loss = new PairLoss();
  #mode: Mode = { kind: 'free', sinceMs: null };
  #impact: number | null = null;
  #pausesAll = true;

  /**
   * @param rules of those that run together; the smallest limit of those that may be given less holds for all of these
   * @param heldLike that of some of them, which are held: these begin with the share that it gives now
   */
  constructor(rules: readonly ImpactRule[], heldLike?: { readonly control: ImpactControl; readonly nowMs: number }) {
    const heldAt = Math.min(...rules.filter(({ action }) => action === 'throttle').map(({ limit }) => limit));
    this.#rules = rules;
    this.#heldAt = Number.isFinite(heldAt) ? heldAt : undefined;
    const held = heldLike === undefined ? undefined : heldLike.control.#held;
    if (heldLike === undefined || held === undefined || this.#heldAt === undefined) return;
    const governor = new ImpactGovernor(held.governor);
    this.#hold({ heldAt, governor, unheld: this.#newUnheld(), waitMs: firstTrialMs }, heldLike.nowMs);
  }

  /**
   * What all that run cost now, as a share of the training's speed; `null` until that can be told, and where some are held until it is
   * known what the others cost.
   */
  get impact(): number | null {
    return this.#impact;
  }

  /** Whether it is given a smaller share of the time. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  get #held(): Held | undefined {
    return this.#mode.kind === 'held' || this.#mode.kind === 'tried' ? this.#mode : undefined;
  }

  /** Whether all are to be paused where the present pair pauses, or those alone that may be given less. */
  get pausesAll(): boolean {
    return this.#pausesAll;
  }

  /** The windows of the next pair; `null` where it is to run, unmeasured. */
  plan(nowMs: number, steps: Steps): PairPlan | null {
    const pausedAll = this.#pausesAll;
    const plan = this.#planned(nowMs, steps);
    return plan && { ...plan, pausesOthers: this.#pausesAll !== pausedAll };
  }

  #planned(nowMs: number, steps: Steps): PairPlan | null {
    const mode = this.#mode;
    this.#pausesAll = mode.kind !== 'held' || mode.unheld === undefined || mode.unheld.isDue(nowMs);
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
    const mode = this.#mode;
    if (mode.kind === 'held') return this.#whileHeld(mode, pair, others, nowMs);
    const loss = this.#loss.of(pair);
    if (loss === null) return none;
    this.#interval.add(loss);
    return mode.kind === 'tried' ? this.#whileTried(mode, others, nowMs) : this.#whileFree(mode, others, nowMs);
  }

  #whileFree(mode: Exclude<Mode, { kind: 'held' | 'tried' }>, others: number, nowMs: number): ImpactVerdict {
    const { estimate } = this.#interval;
    if (estimate === null) return none;
    const heldAt = this.#heldAt;
    if (heldAt !== undefined && sideOf(estimate, heldAt, others) === 'over') {
      this.#decided(estimate);
      this.#hold({ heldAt, governor: new ImpactGovernor(), unheld: this.#newUnheld(), waitMs: firstTrialMs }, nowMs);
      return { kind: 'over', estimate };
    }
    const { kind, endsOne, open } = judged(estimate, this.#rules, others);
    if (endsOne || open.length === 0) {
      this.#decided(estimate);
      // Who comes in the place of what is ended has been let alone by nobody.
      this.#rest(nowMs, endsOne ? 0 : restByMeasured * measuredMs(mode, nowMs));
      return { kind, estimate };
    }
    // What cannot be told for long, and seems well, is measured half of the time: pauses cost the evaluation.
    const seemsWell = open.every(({ limit }) => estimate.mean < leftOf(limit, others));
    if (seemsWell && measuredMs(mode, nowMs) > longestMeasuringMs) this.#rest(nowMs, longestMeasuringMs);
    if (kind === 'under') return none;
    this.#impact = Math.max(0, estimate.mean);
    return { kind, estimate };
  }

  #whileTried(held: Extract<Mode, { kind: 'tried' }>, others: number, nowMs: number): ImpactVerdict {
    const { estimate } = this.#interval;
    const side = estimate === null ? undefined : sideOf(estimate, held.heldAt, others);
    if (estimate === null || side === undefined) return none;
    this.#decided(estimate);
    if (side === 'under') {
      this.#rest(nowMs, 0);
      return { kind: 'recovered', estimate };
    }
    this.#hold({ ...held, waitMs: Math.min(longestTrialMs, held.waitMs * 2) }, nowMs);
    this.#impact = impactOf(held);
    return none;
  }

  #whileHeld(mode: Extract<Mode, { kind: 'held' }>, pair: WindowPair, others: number, nowMs: number): ImpactVerdict {
    const { heldAt, governor, unheld, notBeforeMs } = mode;
    if (unheld !== undefined && this.#pausesAll) return this.#judgeUnheld(mode, unheld.addWhole(pair), others, nowMs);
    unheld?.addSlice(pair, nowMs);
    const loss = this.#loss.of(pair, governor.duty);
    if (loss === null) return none;
    this.#interval.add(loss);
    governor.add(loss, pair.ranMs, leftOf(heldAt, others));
    this.#impact = impactOf(mode);
    if (governor.isSmallest) this.#atSmallest.add(loss * governor.duty);
    else this.#atSmallest.clear();
    const smallest = this.#atSmallest.estimate;
    if (smallest !== null && sideOf(smallest, heldAt, others) === 'over') {
      this.#atSmallest.clear();
      return { kind: 'beyond help', estimate: smallest };
    }
    const { estimate } = this.#interval;
    const side = estimate === null ? undefined : sideOf(estimate, heldAt, others);
    if (side === undefined) return none;
    this.#interval.clear();
    if (side === 'under' && nowMs >= notBeforeMs) {
      this.#loss.clear();
      this.#mode = { ...mode, kind: 'tried' };
    }
    return none;
  }

  /** Those that may not be given less are judged by what they cost, and what those cost beside them with the share that they have. */
  #judgeUnheld(held: Held, ofUnheld: ImpactEstimate | null, others: number, nowMs: number): ImpactVerdict {
    if (ofUnheld === null) return none;
    const { impact } = held.governor;
    const estimate = {
      ...ofUnheld,
      mean: ofUnheld.mean + impact,
      low: ofUnheld.low + impact,
      high: ofUnheld.high + impact,
    };
    const rules = this.#rules.filter(({ action }) => action !== 'throttle');
    const { kind, endsOne, open } = judged(estimate, rules, others);
    if (endsOne || open.length === 0) {
      held.unheld?.decided(ofUnheld, nowMs, endsOne);
      this.#impact = impactOf(held);
      return { kind, estimate };
    }
    return kind === 'over' ? { kind, estimate } : none;
  }

  /** Of those that may not be given less; nothing where there are none. */
  #newUnheld(): UnheldCost | undefined {
    return this.#rules.some(({ action }) => action !== 'throttle') ? new UnheldCost(alpha) : undefined;
  }

  #hold(held: Held, nowMs: number): void {
    this.#loss.clear();
    this.#mode = { ...held, kind: 'held', notBeforeMs: nowMs + held.waitMs };
  }

  #decided({ mean }: ImpactEstimate): void {
    this.#interval.clear();
    this.#impact = Math.max(0, mean);
  }

  #rest(nowMs: number, restMs: number): void {
    this.#mode = { kind: 'resting', untilMs: nowMs + Math.min(longestRestMs, restMs) };
  }
}

function measuredMs(mode: Mode, nowMs: number): number {
  return mode.kind === 'free' ? nowMs - (mode.sinceMs ?? nowMs) : 0;
}

function judged(estimate: ImpactEstimate, rules: readonly ImpactRule[], others: number) {
  const sides = rules.map((rule) => ({ ...rule, side: sideOf(estimate, rule.limit, others) }));
  return {
    kind: sides.some(({ side }) => side === 'over') ? ('over' as const) : ('under' as const),
    endsOne: sides.some(({ action, side }) => action === 'abort' && side === 'over'),
    open: sides.filter(({ side }) => side === undefined),
  };
}

/** What those that are held cost with the share that they have, and the others beside them. */
function impactOf({ governor, unheld }: Held): number | null {
  if (unheld === undefined) return governor.impact;
  return unheld.mean === null ? null : unheld.mean + governor.impact;
}
