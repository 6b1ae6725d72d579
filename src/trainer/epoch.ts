import { PitwallError } from '../errors/index.ts';
import type { CheckpointRef } from '../events/index.ts';
import { HeldCheckpoint } from './held-checkpoint.ts';
import type { LiveRun } from './live-run.ts';
import type { Stepper, StepWork } from './stepper.ts';

/** One epoch, as the training's own function gets it. */
export interface Epoch {
  /** Its number, from 1. */
  readonly epoch: number;
  /** Does one step of this epoch, or tells one that is done. */
  readonly step: EpochStep;
  /** Aborts when the training is to end. For those who look: the next step rejects in any case. */
  readonly signal: AbortSignal;
  /** Of an epoch that a resumed run enters in its middle: the step of the checkpoint. */
  readonly resumedAtStep: number | undefined;
  /**
   * Tells that a file holds the weights as they are now. After the epoch's last step it becomes a field of its `epoch:end`;
   * in the middle it is a `checkpoint` event. Write the file to its end before.
   *
   * @returns the path and the SHA-256 of its content.
   * @throws {PitwallError} `CHECKPOINT_NOT_FOUND`, `CHECKPOINT_UNREADABLE`, or `EPOCH_ENDED`.
   */
  checkpoint(path: string): Promise<CheckpointRef>;
  /**
   * Gives what callbacks have scaled: the product of all factors of the `scale(name, factor)` directives of that name so far, those of
   * before a resumption too. 1 where there was none.
   *
   * @throws {ConfigurationError} unless the name is a string that is not empty.
   */
  scaleOf(this: void, name: string): number;
}

/** Does one step of the training. */
export interface EpochStep {
  /**
   * Calls `work`, times it, tells it, and gives back what it gives. A plain object that it gives is told as the step's metrics.
   *
   * @throws {RunStoppedError} after a stop, without calling `work`; what `work` throws; {@link PitwallError} `STEP_OVERLAP` or
   * `EPOCH_ENDED` where it is called at the wrong time.
   */
  <T>(work: StepWork<T>): Promise<T>;
  /** Tells a step that is done, how long it took, and its metrics. */
  (durationMs: number, metrics?: StepMetrics): Promise<void>;
}

/** What a step that is done tells of itself: a plain object. */
export type StepMetrics = Readonly<Record<string, unknown>>;

/** What an epoch needs of its run. */
type EpochRun = Pick<LiveRun<never>, 'publish' | 'stopSwitch' | 'scaleOf'>;

/** An epoch from its start to its end. */
export class OpenEpoch implements Epoch {
  readonly epoch: number;
  readonly signal: AbortSignal;
  readonly resumedAtStep: number | undefined;
  readonly step: EpochStep;
  readonly scaleOf: (name: string) => number;
  readonly #run: EpochRun;
  readonly #stepper: Stepper;
  readonly #checkpoints: HeldCheckpoint;
  #phase: 'open' | 'ending' | 'ended' = 'open';
  #wasRefused = false;

  constructor(epoch: number, run: EpochRun, stepper: Stepper, resumedAtStep?: number) {
    this.epoch = epoch;
    this.resumedAtStep = resumedAtStep;
    this.signal = run.stopSwitch.signal;
    this.scaleOf = (name) => run.scaleOf(name);
    this.#run = run;
    this.#stepper = stepper;
    this.#checkpoints = new HeldCheckpoint(({ step, ref }) => {
      run.publish({ type: 'checkpoint', epoch, step, ...ref });
    });
    this.step = ((work: StepWork<unknown> | number, metrics?: unknown) => this.#step(work, metrics)) as EpochStep;
    run.publish({ type: 'epoch:start', epoch });
  }

  /** Whether its `epoch:end` has been told. */
  get hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  async checkpoint(path: string): Promise<CheckpointRef> {
    this.#assertOpen('checkpoint');
    return this.#checkpoints.take(path, this.#stepper.count);
  }

  /**
   * Tells `epoch:end`, at once unless a checkpoint is still being read.
   *
   * @throws {PitwallError} `EPOCH_ENDED` for a second call.
   */
  async end(metrics: Record<string, unknown>, { interrupted }: { readonly interrupted: boolean }): Promise<void> {
    this.#assertOpen('end');
    this.#phase = 'ending';
    if (this.#checkpoints.isHashing) await this.#checkpoints.settled();
    this.#phase = 'ended';
    const checkpoint = this.#checkpoints.last();
    this.#run.publish({
      type: 'epoch:end',
      epoch: this.epoch,
      metrics,
      ...(checkpoint && { checkpoint, step: this.#stepper.count }),
      ...((interrupted || this.#wasRefused) && { interrupted: true }),
    });
  }

  async #step(work: StepWork<unknown> | number, metrics: unknown): Promise<unknown> {
    const stopError = this.#run.stopSwitch.error;
    if (stopError !== undefined) {
      this.#wasRefused = true;
      throw stopError;
    }
    this.#assertOpen('step');
    if (!this.#stepper.isStepping) this.#checkpoints.advance();
    return this.#stepper.step(this.epoch, work, metrics);
  }

  #assertOpen(what: string): void {
    if (this.#phase !== 'open')
      throw new PitwallError(
        'EPOCH_ENDED',
        `epoch.${what}(…) of epoch ${this.epoch} was called after that epoch had ended: await it inside its epoch.`,
      );
  }
}
