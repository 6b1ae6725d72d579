import type { Stepped, WindowPair } from './impact-windows.ts';

/** Of each pair so much goes into the speed that losses are shares of, and into how long windows are. */
const belief = 0.3;

/** Long-run means, in which each pair counts three tenths. */
interface Means {
  readonly offSteps: number;
  readonly offMs: number;
  readonly onMs: number;
  /** Of both windows and what lies around them. */
  readonly allMs: number;
}

/**
 * Says of each pair of windows which share of the training's speed is lost while the evaluation runs.
 *
 * For windows of equal length it is `(v_off - v_on) / V`, the difference of the speeds by the speed while paused. Windows are not: one
 * with a step of a third of a second in it is longer for that, and a mean over windows would count it too little, the more so the
 * shorter the windows are. So each window tells how many steps it did less than V would have done in its time, by how many a usual
 * window does; the mean of that is `1 - v_on / v_off` with both speeds by sums. Never a median or a trimmed mean: contention comes in
 * bursts, and whatever cuts those off tells of a loss of 30% that it is 2%.
 *
 * Switching costs too: what wakes up wants everything at once. For an evaluation that is switched all the time that is a part of
 * what it costs, for one that runs it is not.
 */
export class PairLoss {
  #means: Means | undefined;

  /**
   * @param share the share of the time in which it runs, of what is switched all the time: then the loss is such that `share * loss` is
   * what the training loses in all, switching included
   * @returns a share, -2 to 2: a machine that was suspended in a window says no more than that; `null` where steps took no time, by a
   * clock that stands still while they run
   */
  of({ on, off, edges }: WindowPair, share?: number): number | null {
    if (on.ms <= 0 || off.ms <= 0) return null;
    const present = { offSteps: off.steps, offMs: off.ms, onMs: on.ms, allMs: on.ms + off.ms + edges.ms };
    const means = (this.#means ??= present);
    const speed = means.offSteps / means.offMs;
    const missing = ({ steps, ms }: Stepped): number => (speed * ms - steps) / speed;
    const lost =
      share === undefined ? missing(on) / means.onMs : (missing(on) + missing(edges)) / (share * means.allMs);
    const loss = lost - missing(off) / means.offMs;
    const moved = (mean: keyof Means): number => means[mean] + belief * (present[mean] - means[mean]);
    this.#means = {
      offSteps: moved('offSteps'),
      offMs: moved('offMs'),
      onMs: moved('onMs'),
      allMs: moved('allMs'),
    };
    return Math.min(2, Math.max(-2, loss));
  }

  /** The windows have another length from now on. */
  clear(): void {
    this.#means = undefined;
  }
}
