import type { SampledLimit } from '../wire/index.ts';

/** What is to be done after a look: nothing, or to tell a breach or its end, or to end the evaluation. */
export type SampledVerdict =
  | { readonly kind: 'holds' }
  /** Above the limit for long enough: from now on it gets less. */
  | { readonly kind: 'throttled'; readonly observed: number }
  /** Above the limit for long enough, which is only told, once for each time that it comes to be so. */
  | { readonly kind: 'warned'; readonly observed: number }
  /** It would stay below the limit by itself. */
  | { readonly kind: 'recovered'; readonly observed: number }
  /** It was given less, and nothing tells any more that it should be: it is given all again. */
  | { readonly kind: 'released' }
  | { readonly kind: 'broken'; readonly observed: number }
  /** For as long as a breach would have to last nothing could be measured. */
  | { readonly kind: 'unmeasured' };

/** What was used between two looks. */
export interface Use {
  /** When the time begins that the figure is of; monotonic, as `nowMs` is. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** In the unit of the limit; `null` where it could not be measured. */
  readonly used: number | null;
  /** The share of the time in which it ran, 0 to 1. */
  readonly ranShare: number;
}

/** Of a new demand, so much is believed at each look. */
const belief = 0.5;
/** Aimed at below the limit, so that what varies does not break it. */
const aim = 0.9;
/** As little as an evaluation is given, so that it still gets on. */
const smallestShare = 0.1;
/** What ran for less of a look, as beside a pause that was asked for, tells nothing of what it would use. */
const tellingShare = smallestShare / 2;
/** Let go only well below the limit: or it would be caught again at once. */
const releaseBelow = 0.8;
/** What was known once is a reason to give less for so long, or for as long as a breach would have to last. */
const heldUnseenMs = 10_000;
/**
 * Holds what an evaluation uses to a limit: what lies above it for `sustainMs` is given a smaller share of the time, told, or ended.
 *
 * What it would use if it ran all the time is its use by its share; the share follows that, down to a tenth. A look in which it
 * hardly ran is left out: it is no time above the limit, and none below.
 */
export class ShareControl {
  readonly #limit: SampledLimit;
  readonly #unmeasuredAfterMs: number;
  #demand: number | undefined;
  #aboveSinceMs: number | undefined;
  #wellSinceMs: number | undefined;
  #unmeasuredSinceMs: number | undefined;
  #isWarned = false;
  #isThrottled = false;
  #isOver = false;
  #share = 1;

  /** @param unmeasuredAfterMs nothing is known about what cannot be measured for less than this */
  constructor(limit: SampledLimit, unmeasuredAfterMs: number) {
    this.#limit = limit;
    this.#unmeasuredAfterMs = unmeasuredAfterMs;
  }

  /** The share of the time that it should be given. */
  get share(): number {
    return this.#share;
  }

  look({ sinceMs, nowMs, used, ranShare }: Use): SampledVerdict {
    if (this.#isOver) return holds;
    if (used === null) return this.#unmeasured(sinceMs, nowMs);
    this.#unmeasuredSinceMs = undefined;
    if (ranShare < tellingShare) return this.#leaveOut(nowMs - sinceMs);
    const demand = used / ranShare;
    this.#demand = this.#demand === undefined ? demand : this.#demand + belief * (demand - this.#demand);
    return this.#isThrottled ? this.#whileThrottled(sinceMs, nowMs, this.#demand) : this.#judge(sinceMs, nowMs, used);
  }

  #judge(sinceMs: number, nowMs: number, used: number): SampledVerdict {
    const { limit, action, sustainMs } = this.#limit;
    if (used <= limit) {
      this.#aboveSinceMs = undefined;
      this.#isWarned = false;
      return holds;
    }
    this.#aboveSinceMs ??= sinceMs;
    if (nowMs - this.#aboveSinceMs < sustainMs) return holds;
    if (action === 'abort') {
      this.#isOver = true;
      return { kind: 'broken', observed: used };
    }
    if (action === 'warn') {
      if (this.#isWarned) return holds;
      this.#isWarned = true;
      return { kind: 'warned', observed: used };
    }
    this.#isThrottled = true;
    this.#wellSinceMs = undefined;
    this.#follow(used);
    return { kind: 'throttled', observed: used };
  }

  #whileThrottled(sinceMs: number, nowMs: number, demand: number): SampledVerdict {
    this.#follow(demand);
    if (demand > this.#limit.limit * releaseBelow) {
      this.#wellSinceMs = undefined;
      return holds;
    }
    this.#wellSinceMs ??= sinceMs;
    if (nowMs - this.#wellSinceMs < this.#limit.sustainMs) return holds;
    this.#letGo();
    return { kind: 'recovered', observed: demand };
  }

  #leaveOut(ms: number): SampledVerdict {
    if (this.#aboveSinceMs !== undefined) this.#aboveSinceMs += ms;
    if (this.#wellSinceMs !== undefined) this.#wellSinceMs += ms;
    return holds;
  }

  #letGo(): void {
    this.#isThrottled = false;
    this.#aboveSinceMs = undefined;
    this.#demand = undefined;
    this.#share = 1;
  }

  #follow(demand: number): void {
    this.#share = Math.min(1, Math.max(smallestShare, (aim * this.#limit.limit) / demand));
  }

  #unmeasured(sinceMs: number, nowMs: number): SampledVerdict {
    this.#unmeasuredSinceMs ??= sinceMs;
    const { sustainMs, whenUnmeasured } = this.#limit;
    const forMs = nowMs - this.#unmeasuredSinceMs;
    if (whenUnmeasured === 'abort' && forMs >= Math.max(this.#unmeasuredAfterMs, sustainMs)) {
      this.#isOver = true;
      return { kind: 'unmeasured' };
    }
    if (!this.#isThrottled || forMs < Math.max(heldUnseenMs, sustainMs)) return holds;
    this.#letGo();
    return { kind: 'released' };
  }
}

const holds: SampledVerdict = { kind: 'holds' };
