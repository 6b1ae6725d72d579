import { isThenable } from '../callbacks/index.ts';
import type { Clock } from '../clock/index.ts';
import { ConfigurationError, PitwallError, told } from '../errors/index.ts';
import { Breath } from './breath.ts';
import type { LiveRun } from './live-run.ts';
import { StepWindow } from './step-window.ts';

/** What a step does; it may be async. */
export type StepWork<T> = () => T | PromiseLike<T>;

const summaryEveryMs = 1_000;

/** Times the steps of a run, counts them from 1, tells them, and lets the event loop breathe. */
export class Stepper {
  readonly #run: Pick<LiveRun<never>, 'step' | 'publish'>;
  readonly #clock: Clock;
  readonly #breath: Breath;
  readonly #window = new StepWindow();
  #windowFromMs: number;
  #epoch = 0;
  #count: number;
  #isStepping = false;

  /** @param stepsBefore what the run has done before */
  constructor(run: Pick<LiveRun<never>, 'step' | 'publish'>, clock: Clock, stepsBefore: number) {
    this.#run = run;
    this.#clock = clock;
    this.#breath = new Breath(clock);
    this.#windowFromMs = clock.now();
    this.#count = stepsBefore;
  }

  /** How many steps the run has done. */
  get count(): number {
    return this.#count;
  }

  get isStepping(): boolean {
    return this.#isStepping;
  }

  /**
   * Does one step. Whoever calls it has looked whether the training may go on.
   *
   * @param metrics of a step that is done
   */
  async step<T>(epoch: number, work: StepWork<T> | number, metrics?: unknown): Promise<T | undefined> {
    if (this.#isStepping)
      throw new PitwallError(
        'STEP_OVERLAP',
        `epoch.step(…) was called while step ${this.#count + 1} still runs: await each step before the next.`,
      );
    if (typeof work === 'number') {
      // It is done already, so nothing can overlap: a loop that cannot await may tell its steps one after the other.
      assertDuration(work);
      await this.#done(epoch, work, metrics);
      return undefined;
    }
    this.#isStepping = true;
    try {
      if (typeof work !== 'function')
        throw new ConfigurationError(
          `epoch.step(…) must get a function, or the milliseconds of a step that is done, but ${told(work)} came.`,
        );
      const fromMs = this.#clock.now();
      const returned = work();
      const value = isThenable(returned) ? await returned : returned;
      await this.#done(epoch, this.#clock.now() - fromMs, value);
      return value;
    } finally {
      this.#isStepping = false;
    }
  }

  /** Lets the event loop have its turn, if it is due, where an epoch ends. */
  async breathe(): Promise<void> {
    if (this.#breath.isDue(this.#clock.now())) await this.#breath.take();
  }

  /** Tells the steps since the last summary. */
  summarise(): void {
    this.#windowFromMs = this.#clock.now();
    const summary = this.#window.take();
    if (summary !== undefined)
      this.#run.publish({ type: 'step:summary', epoch: this.#epoch, step: this.#count, ...summary });
  }

  #done(epoch: number, durationMs: number, value: unknown): Promise<void> | undefined {
    this.#epoch = epoch;
    this.#count++;
    this.#window.add(durationMs);
    this.#run.step(epoch, this.#count, durationMs, metricsIn(value));
    const nowMs = this.#clock.now();
    if (nowMs - this.#windowFromMs >= summaryEveryMs) this.summarise();
    return this.#breath.isDue(nowMs) ? this.#breath.take() : undefined;
  }
}

/** A plain object that a step gives back tells its metrics. */
function metricsIn(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return undefined;
  return value as Record<string, unknown>;
}

function assertDuration(durationMs: number): void {
  if (durationMs >= 0 && durationMs < Infinity) return;
  throw new ConfigurationError(
    `epoch.step(durationMs) must get milliseconds from 0 on, but ${told(durationMs)} came: time the step, or hand it over as a function.`,
  );
}
