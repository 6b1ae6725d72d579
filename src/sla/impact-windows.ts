/** How long the two windows of a pair are, in ms. */
export interface PairPlan {
  readonly onMs: number;
  readonly offMs: number;
  /** It pauses others than the pair before: what is paused goes on first. */
  readonly pausesOthers?: boolean;
}

/** What is known of the training's steps. */
export interface Steps {
  /** How long a step takes, about. */
  readonly stepMs: number;
  /** How long the longest of the last minute took, about. */
  readonly longestMs: number;
}

/** What was done in one window, of the steps that lay wholly inside it. */
export interface Stepped {
  readonly steps: number;
  /** The sum of their durations. */
  readonly ms: number;
}

/** What the training did while the evaluation ran and while it was paused. */
export interface WindowPair {
  readonly on: Stepped;
  readonly off: Stepped;
  /** Around the switches: the steps that lie in no window wholly, and those that a short window begins with. */
  readonly edges: Stepped;
  /** How long the evaluation ran: windows end with a step, so that it may be longer than was planned. */
  readonly ranMs: number;
}

export interface ImpactWindowsOptions {
  /** From 0 on and below 1: which window of a pair comes first, and how long each is, is left to chance. */
  readonly random: () => number;
  /** Asked where a pair may begin; `null` where none shall, so that the evaluation simply runs. */
  readonly plan: (nowMs: number, steps: Steps) => PairPlan | null;
  /** Pauses what is measured, for `forMs` at most, or lets it go on. `paced` tells when it is so. */
  readonly pace: (paused: boolean, forMs: number) => void;
  readonly onPair: (pair: WindowPair, nowMs: number) => void;
}

interface PlannedWindow {
  readonly isPaused: boolean;
  readonly lengthMs: number;
}

interface Window extends PlannedWindow {
  /** Since when it is paused, or runs; unknown until that is told. */
  sinceMs: number | undefined;
  /** When the switch to it was asked for. */
  readonly askedMs: number;
  /** From when on steps count. */
  countsFromMs: number;
  steps: number;
  ms: number;
  /** The steps that were done before that was known: their begins and ends in turn. */
  readonly early: number[];
}

/** Steps that are remembered while a switch is not answered: begin and end each. */
const mostEarly = 2_048;
/** A window is by up to so much shorter or longer than planned: or a checkpoint each five seconds might always meet the same one. */
const jitter = 0.25;
/** A window shorter than this begins with cold caches, which are left out. */
const shortMs = 250;
const coldMs = 8;
/** Steps longer than this are taken one a window, shorter ones three at least. */
const longStepMs = 1_000;
/** A step of seconds may have begun so much of its own length before its window, in which the switch was on its way. */
const edge = 0.005;
/** Of each step so much is believed. */
const belief = 0.05;
const rememberedMs = 60_000;
/** Nothing is paused for longer, whatever becomes of the steps, but for what a window of long steps takes. */
const longestPauseMs = 60_000;
/** A switch that is not answered for so long has got lost, as with a process that has ended. */
const unansweredMs = 5_000;

/** How many steps a window takes at least. */
export function fewestSteps(stepMs: number): number {
  return stepMs > longStepMs ? 1 : 3;
}

/**
 * Forms pairs of windows out of steps: one with the evaluation paused and one with it running, in random order and of random length,
 * so that nothing periodic in the training falls into step with them.
 *
 * It has no timers: a window ends with a step, and a training that makes no steps measures nothing. A step counts where it lies wholly
 * inside its window, so that the one during which the evaluation was switched counts nowhere. Speeds are by sums of durations.
 */
export class ImpactWindows {
  readonly #options: ImpactWindowsOptions;
  #stepMs: number | undefined;
  #longestMs = 0;
  #isPaused = false;
  #window: Window | undefined;
  /** The pair's other window, still to come. */
  #next: PlannedWindow | undefined;
  #first: Stepped | undefined;
  #edges = { steps: 0, ms: 0 };
  #ranMs = 0;

  constructor(options: ImpactWindowsOptions) {
    this.#options = options;
  }

  /** A step has been done. Times are monotonic milliseconds. */
  stepped(fromMs: number, toMs: number): void {
    const durationMs = toMs - fromMs;
    this.#stepMs = this.#stepMs === undefined ? durationMs : this.#stepMs + belief * (durationMs - this.#stepMs);
    this.#longestMs = Math.max(durationMs, this.#longestMs * Math.max(0, 1 - durationMs / rememberedMs));
    const window = this.#window;
    if (window === undefined) this.#beginPair(toMs, this.#stepMs);
    else if (window.sinceMs === undefined) {
      if (fromMs - window.askedMs > unansweredMs) this.drop();
      else if (window.early.length < mostEarly) window.early.push(fromMs, toMs);
    } else {
      this.#count(window, fromMs, toMs);
      this.#endsWith(window, window.sinceMs, toMs, this.#stepMs);
    }
  }

  /** What was asked of `pace` is so since `atMs`. */
  paced(paused: boolean, atMs: number): void {
    const window = this.#window;
    if (window?.isPaused !== paused || window.sinceMs !== undefined) return;
    window.sinceMs = atMs;
    window.countsFromMs = window.lengthMs < shortMs ? atMs + coldMs : atMs;
    for (let at = 0; at < window.early.length; at += 2)
      this.#count(window, window.early[at] ?? 0, window.early[at + 1] ?? 0);
    window.early.length = 0;
  }

  /** What was paused runs again, and nobody had asked for it: the time of the pause was over. */
  resumed(): void {
    this.#isPaused = false;
    this.drop();
  }

  /** Begins anew with the next step: what is measured has changed, or has gone on by itself. */
  drop(): void {
    this.#window = undefined;
    this.#next = undefined;
    this.#first = undefined;
    this.#pace(false, 0);
  }

  #beginPair(nowMs: number, stepMs: number): void {
    const plan = this.#options.plan(nowMs, { stepMs, longestMs: this.#longestMs });
    if (plan === null) {
      this.#pace(false, 0);
      return;
    }
    const { random } = this.#options;
    const windows = [windowOf(false, plan.onMs, random()), windowOf(true, plan.offMs, random())] as const;
    const [first, second] = random() < 0.5 ? windows : ([windows[1], windows[0]] as const);
    this.#next = second;
    this.#edges = { steps: 0, ms: 0 };
    if (plan.pausesOthers === true && first.isPaused) this.#pace(false, 0);
    this.#begin(first, nowMs, stepMs);
  }

  #begin(planned: PlannedWindow, nowMs: number, stepMs: number): void {
    const window: Window = {
      ...planned,
      askedMs: nowMs,
      sinceMs: undefined,
      countsFromMs: Infinity,
      steps: 0,
      ms: 0,
      early: [],
    };
    this.#window = window;
    if (window.isPaused === this.#isPaused) {
      window.sinceMs = nowMs;
      window.countsFromMs = nowMs;
      // What goes on paused is paused anew, for as long as this window may take.
      if (!window.isPaused) return;
    }
    this.#pace(window.isPaused, pauseMs(window, stepMs));
  }

  #count(window: Window, fromMs: number, toMs: number): void {
    const isWithin = fromMs + edge * (toMs - fromMs) >= window.countsFromMs;
    const counted = isWithin ? window : this.#edges;
    counted.steps++;
    counted.ms += toMs - fromMs;
  }

  #pace(paused: boolean, forMs: number): void {
    if (!paused && !this.#isPaused) return;
    this.#isPaused = paused;
    this.#options.pace(paused, forMs);
  }

  #endsWith(window: Window, sinceMs: number, nowMs: number, stepMs: number): void {
    if (nowMs - sinceMs < window.lengthMs || window.steps < fewestSteps(stepMs)) return;
    const done = { steps: window.steps, ms: window.ms };
    if (!window.isPaused) this.#ranMs = nowMs - sinceMs;
    const next = this.#next;
    if (next !== undefined) {
      this.#first = done;
      this.#next = undefined;
      this.#begin(next, nowMs, stepMs);
      return;
    }
    const other = this.#first ?? done;
    const around = { edges: this.#edges, ranMs: this.#ranMs };
    this.#window = undefined;
    const pair = window.isPaused ? { on: other, off: done, ...around } : { on: done, off: other, ...around };
    this.#options.onPair(pair, nowMs);
    // Told first: what is made of this pair decides about the next. A listener may have dropped all.
    this.#beginPair(nowMs, stepMs);
  }
}

function windowOf(isPaused: boolean, plannedMs: number, chance: number): PlannedWindow {
  return { isPaused, lengthMs: plannedMs * (1 + jitter * (2 * chance - 1)) };
}

/** Steps vary: a pause may take twice as long as it should, and ends by itself where the training makes no more steps. */
function pauseMs({ lengthMs }: PlannedWindow, stepMs: number): number {
  const stepsMs = 2 * (fewestSteps(stepMs) + 1) * stepMs;
  return Math.max(lengthMs + stepsMs, Math.min(longestPauseMs, 2 * lengthMs + stepsMs + 100));
}
