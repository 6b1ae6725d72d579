import type { Stepped, WindowPair } from './impact-windows.ts';

/** Of each pair so much goes into the speed that losses are shares of, and into how long windows are. */
const belief = 0.3;

/** Long-run means, in which each pair counts three tenths. */
interface Means {
  readonly offSteps: number;
  readonly offMs: number;
  readonly onMs: number;
}

/**
 * Says of each pair of windows which share of the training's speed is lost while the evaluation runs.
 *
 * For windows of equal length it is `(v_off - v_on) / V`, the difference of the speeds by the speed while paused. Windows are not: one
 * with a step of a third of a second in it is longer for that, and a mean over windows would count it too little, the more so the
 * shorter the windows are. So each window tells how many steps it did less than V would have done in its time, by how many a usual
 * window does; the mean of that is `1 - v_on / v_off` with both speeds by sums. Never a median or a trimmed mean: contention comes in
 * bursts, and whatever cuts those off tells of a loss of 30% that it is 2%.
 */
export class PairLoss {
  #means: Means | undefined;

  /**
   * @returns a share, -2 to 2: a machine that was suspended in a window says no more than that; `null` where steps took no time, by a
   * clock that stands still while they run
   */
  of({ on, off }: WindowPair): number | null {
    if (on.ms <= 0 || off.ms <= 0) return null;
    const means = this.#means ?? { offSteps: off.steps, offMs: off.ms, onMs: on.ms };
    const speed = means.offSteps / means.offMs;
    const short = ({ steps, ms }: Stepped, usualMs: number): number => (speed * ms - steps) / (speed * usualMs);
    const loss = short(on, means.onMs) - short(off, means.offMs);
    this.#means = {
      offSteps: means.offSteps + belief * (off.steps - means.offSteps),
      offMs: means.offMs + belief * (off.ms - means.offMs),
      onMs: means.onMs + belief * (on.ms - means.onMs),
    };
    return Math.min(2, Math.max(-2, loss));
  }

  /** The windows have another length from now on. */
  clear(): void {
    this.#means = undefined;
  }
}
