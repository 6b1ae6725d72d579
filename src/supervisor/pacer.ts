import { machineNowMs } from '../wire/index.ts';

/** What is paced: a process and all that it has started. */
export interface Paced {
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Long enough that what the pauses themselves cost is little, short enough that an item of a second is slowed evenly. */
const periodMs = 250;

/** A pause that has ended, by the machine's monotonic milliseconds. */
interface Pause {
  readonly fromMs: number;
  readonly toMs: number;
  /** How long it had been paused in all, before. */
  readonly beforeMs: number;
}

/**
 * So many pauses are remembered, at four a second those of half an hour. Beyond that every second one of the older half is left out,
 * again and again, and what was between two that are left is taken as spread evenly.
 */
const mostPauses = 7_200;

/**
 * Gives a process tree a share of the time, by stopping it for the rest of each quarter of a second; and stops it altogether for a
 * while, where that is asked for.
 *
 * It knows when it paused: that time is no item's own.
 */
export class Pacer {
  readonly #paced: Paced;
  readonly #now: () => number;
  #pauses: Pause[] = [];
  #share = 1;
  #totalMs = 0;
  #pausedAtMs: number | undefined;
  /** It has had its share of this quarter of a second. */
  #isResting = false;
  #timer: NodeJS.Timeout | undefined;
  #hold: NodeJS.Timeout | undefined;

  constructor(paced: Paced, now: () => number = machineNowMs) {
    this.#paced = paced;
    this.#now = now;
  }

  /** The share of the time in which it runs, above 0 to 1. */
  get share(): number {
    return this.#share;
  }

  /** From the next switch on it runs for this share of the time; 1 lets it run at once. */
  give(share: number): void {
    this.#share = share;
    if (share >= 1) this.#rest(false);
    else if (this.#timer === undefined) this.#run();
  }

  /** Stops it for so long at most, and no longer than to the next call; `onOver` is called when it goes on, or by its share might. */
  hold(ms: number, onOver: () => void): void {
    clearTimeout(this.#hold);
    this.#hold = undefined;
    if (ms > 0)
      this.#hold = setTimeout(() => {
        this.#hold = undefined;
        this.#switch();
        onOver();
      }, ms);
    this.#switch();
    if (ms <= 0) onOver();
  }

  /** Lets it run, from now on without a pause. */
  stop(): void {
    clearTimeout(this.#hold);
    this.#hold = undefined;
    this.#share = 1;
    this.#rest(false);
  }

  /** How long it was paused in all. */
  pausedMs(): number {
    return this.#totalMs + this.#presentMs();
  }

  /** How long it was paused since a moment. */
  pausedSinceMs(sinceMs: number): number {
    return this.pausedMs() - this.#pausedUntilMs(sinceMs);
  }

  #pausedUntilMs(atMs: number): number {
    if (this.#pausedAtMs !== undefined && atMs >= this.#pausedAtMs) return this.#totalMs + atMs - this.#pausedAtMs;
    let next: Pick<Pause, 'fromMs' | 'beforeMs'> = { fromMs: Infinity, beforeMs: this.#totalMs };
    for (let index = this.#pauses.length - 1; index >= 0; index--) {
      const pause = this.#pauses[index];
      if (pause === undefined) break;
      const { fromMs, toMs, beforeMs } = pause;
      if (atMs >= fromMs && atMs <= toMs) return beforeMs + atMs - fromMs;
      if (atMs > toMs) {
        const untilMs = beforeMs + toMs - fromMs;
        return untilMs + ((next.beforeMs - untilMs) * (atMs - toMs)) / (next.fromMs - toMs);
      }
      next = pause;
    }
    return 0;
  }

  #run(): void {
    this.#rest(false);
    this.#timer = setTimeout(
      () => {
        this.#rest(true);
        this.#timer = setTimeout(
          () => {
            this.#run();
          },
          Math.round(periodMs * (1 - this.#share)),
        );
      },
      Math.round(periodMs * this.#share),
    );
  }

  #rest(isResting: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isResting = isResting;
    this.#switch();
  }

  /** Stopped is what rests or is held. */
  #switch(): void {
    if (this.#isResting || this.#hold !== undefined) this.#pause();
    else this.#resume();
  }

  #pause(): void {
    if (this.#pausedAtMs !== undefined) return;
    this.#pausedAtMs = this.#now();
    this.#paced.pause();
  }

  #resume(): void {
    if (this.#pausedAtMs === undefined) return;
    this.#paced.resume();
    const toMs = this.#now();
    this.#pauses.push({ fromMs: this.#pausedAtMs, toMs, beforeMs: this.#totalMs });
    this.#totalMs += toMs - this.#pausedAtMs;
    if (this.#pauses.length > mostPauses)
      this.#pauses = this.#pauses.filter((_, index) => index % 2 === 0 || index > mostPauses / 2);
    this.#pausedAtMs = undefined;
  }

  #presentMs(): number {
    return this.#pausedAtMs === undefined ? 0 : this.#now() - this.#pausedAtMs;
  }
}
