import type { Clock } from '../clock/index.ts';
import { PitwallError } from '../errors/index.ts';
import type { CheckpointRef } from '../events/index.ts';
import { assertMetrics } from './assert-metrics.ts';
import { OpenEpoch, type EpochStep, type StepMetrics } from './epoch.ts';
import type { LiveRun } from './live-run.ts';
import type { Outcome } from './outcome.ts';
import { Stepper } from './stepper.ts';

/**
 * A run whose loop belongs to somebody else: `trainer.open()` gives it, `trainer.fit` is a loop over it.
 *
 * @example
 * const session = trainer.open();
 * for (let epoch = 1; epoch <= 3; epoch++) {
 *   session.epochStart();
 *   for (const batch of batches) await session.step(() => trainOn(batch));
 *   await session.epochEnd({ loss });
 * }
 * const outcome = await session.end();
 */
export interface Session<M> {
  /** Aborts when the training is to end. */
  readonly signal: AbortSignal;
  /**
   * Begins the next epoch, and gives its number. Of a resumed run that is the one after its checkpoint, or, where that lies in the
   * middle of an epoch, the same one again.
   *
   * @throws {RunStoppedError} after a stop; {@link PitwallError} `EPOCH_OPEN` while one is open.
   */
  epochStart(): number;
  /** Does one step in the open epoch. */
  readonly step: EpochStep;
  /** Tells a checkpoint of the open epoch. */
  checkpoint(path: string): Promise<CheckpointRef>;
  /** Gives the product of what callbacks have scaled under a name, as `epoch.scaleOf` does; 1 for nothing. */
  scaleOf(name: string): number;
  /** Ends the open epoch, at once unless a checkpoint is still being read. */
  epochEnd(metrics?: M): Promise<void>;
  /**
   * Ends the run: an open epoch is interrupted, what runs beside is drained, and everything is closed. A second call gives the
   * same.
   *
   * @param failure what the training failed with: the outcome is then `failed`
   */
  end(failure?: { readonly error: unknown }): Promise<Outcome>;
}

export class OpenSession<M> implements Session<M> {
  readonly signal: AbortSignal;
  readonly step: EpochStep;
  readonly #run: LiveRun<M>;
  readonly #stepper: Stepper;
  #open: OpenEpoch | undefined;
  /** The end of an epoch that waits for a checkpoint to be read. */
  #closing: Promise<void> | undefined;
  #lastEpoch: number;
  /** Of a run that goes on in the middle of an epoch. */
  #resumedAtStep: number | undefined;
  #ending: Promise<Outcome> | undefined;

  constructor(run: LiveRun<M>, clock: Clock) {
    this.#run = run;
    this.signal = run.stopSwitch.signal;
    const { epoch, step, isWhole } = run.from;
    this.#lastEpoch = isWhole ? epoch : epoch - 1;
    this.#resumedAtStep = isWhole ? undefined : step;
    this.#stepper = new Stepper(run, clock, step);
    this.step = ((work: never, metrics?: StepMetrics) => this.#step(work, metrics)) as EpochStep;
  }

  /** How many epochs have begun, those of before a resumption too. */
  get epochsBegun(): number {
    return this.#lastEpoch;
  }

  epochStart(): number {
    return this.begin().epoch;
  }

  /** The same, and gives the epoch itself. */
  begin(): OpenEpoch {
    const stopError = this.#run.stopSwitch.error;
    if (stopError !== undefined) throw stopError;
    if (this.#ending !== undefined)
      throw new PitwallError(
        'RUN_ENDED',
        'The run has ended, so no epoch can begin: make a new Trainer for another run.',
      );
    if (this.#open !== undefined)
      throw new PitwallError(
        'EPOCH_OPEN',
        `Epoch ${this.#open.epoch} is still open, so the next cannot begin: await epochEnd(metrics) first.`,
      );
    this.#open = new OpenEpoch(++this.#lastEpoch, this.#run, this.#stepper, this.#resumedAtStep);
    this.#resumedAtStep = undefined;
    return this.#open;
  }

  async checkpoint(path: string): Promise<CheckpointRef> {
    return this.#assertEpoch('checkpoint').checkpoint(path);
  }

  scaleOf(name: string): number {
    return this.#run.scaleOf(name);
  }

  async epochEnd(metrics?: M): Promise<void> {
    const open = this.#assertEpoch('epochEnd');
    assertMetrics(metrics, open.epoch);
    if (this.#stepper.isStepping)
      throw new PitwallError(
        'STEP_OVERLAP',
        `Epoch ${open.epoch} was to end while step ${this.#stepper.count + 1} still runs: await every step before.`,
      );
    const closing = open.end({ ...metrics }, { interrupted: false });
    if (!open.hasEnded) {
      this.#closing ??= closing; // a second call is refused, and must not take the place of the first
      await closing;
      this.#closing = undefined;
    }
    this.#open = undefined;
  }

  /** Resolves a turn of the event loop later, if it is time for one. */
  async breathe(): Promise<void> {
    await this.#stepper.breathe();
  }

  end(failure?: { readonly error: unknown }): Promise<Outcome> {
    this.#ending ??= this.#end(failure);
    return this.#ending;
  }

  async #end(failure: { readonly error: unknown } | undefined): Promise<Outcome> {
    if (failure !== undefined) this.#run.stopSwitch.fail(failure.error);
    await this.#closing?.catch(() => undefined); // whoever ended the epoch has its error
    await this.#open?.end({}, { interrupted: true });
    this.#open = undefined;
    this.#stepper.summarise();
    return this.#run.end();
  }

  async #step(work: never, metrics: StepMetrics | undefined): Promise<unknown> {
    const stopError = this.#run.stopSwitch.error;
    if (stopError !== undefined && this.#open === undefined) throw stopError;
    return this.#assertEpoch('step').step(work, metrics);
  }

  #assertEpoch(what: string): OpenEpoch {
    if (this.#open !== undefined) return this.#open;
    throw new PitwallError('NO_EPOCH', `${what}(…) was called outside an epoch: call epochStart() before it.`);
  }
}
