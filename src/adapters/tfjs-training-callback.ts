import { setImmediate } from 'node:timers/promises';
import { Callback } from '@tensorflow/tfjs-layers';
import { systemClock } from '../clock/index.ts';
import { ConfigurationError } from '../errors/index.ts';
import type { Outcome, Session, Trainer } from '../trainer/index.ts';
import { metricsIn, type Logs } from './tfjs-logs.ts';
import { writeWeights } from './tfjs-weights-file.ts';
import { weightsOf } from './tfjs-weights.ts';

interface TrainingCallbackOptions {
  readonly checkpoint: ((epoch: number) => string | undefined) | undefined;
  /** Whether the run ends with the first `fit`; otherwise somebody calls `end`. */
  readonly endsRun: boolean;
}

/** Tells what `model.fit` does to a session of a trainer. */
export class TrainingCallback<M extends object> extends Callback {
  readonly outcome: Promise<Outcome>;
  readonly #trainer: Trainer<M>;
  readonly #options: TrainingCallbackOptions;
  #settle!: (outcome: Promise<Outcome>) => void;
  #session: Session<M> | undefined;
  #hasTrained = false;
  /** The index that `fit` is to give the next epoch, from 0. */
  #nextEpoch = 0;
  /** The epoch that is being told, if one is. */
  #epoch: { readonly number: number; batches: number; wasStoppedInBatch: boolean } | undefined;
  #batchBegunMs = 0;

  constructor(trainer: Trainer<M>, options: TrainingCallbackOptions) {
    super();
    this.#trainer = trainer;
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // Beside plain objects of hooks tfjs calls the methods without their object: they then can say what is wrong.
    this.onTrainBegin = this.onTrainBegin.bind(this);
  }

  /** Whether a `fit` has begun with it. */
  get hasTrained(): boolean {
    return this.#hasTrained;
  }

  /** Opens the run, unless it is open. */
  open(): Session<M> {
    this.#session ??= this.#trainer.open();
    return this.#session;
  }

  end(failure?: { readonly error: unknown }): Promise<Outcome> {
    const ending = this.open().end(failure);
    this.#settle(ending);
    return ending;
  }

  override onTrainBegin(): Promise<void> {
    if ((this.model as unknown) === null)
      throw new ConfigurationError(
        'pitwallCallbacks(trainer) was given to fit beside plain objects of hooks, and tfjs tells its model to none of these: make each of them a `new tf.CustomCallback({ … })`.',
      );
    this.#nextEpoch = this.#trainer.state.epoch;
    this.open();
    this.#hasTrained = true;
    return Promise.resolve();
  }

  override onEpochBegin(index: number): Promise<void> {
    if (this.#obeyStop()) return Promise.resolve(); // the one batch that tfjs does even so belongs to no epoch
    if (index !== this.#nextEpoch)
      throw new ConfigurationError(
        `fit was to go on with its epoch ${this.#nextEpoch}, counted from 0, but began epoch ${index}: give it \`initialEpoch: trainer.state.epoch\`.`,
      );
    this.#epoch = { number: this.open().epochStart(), batches: 0, wasStoppedInBatch: false };
    this.#nextEpoch++;
    return Promise.resolve();
  }

  override onBatchBegin(): Promise<void> {
    this.#batchBegunMs = systemClock.now();
    return Promise.resolve();
  }

  override async onBatchEnd(_batch: number, logs?: Logs): Promise<void> {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    const metrics = await metricsIn(logs);
    const durationMs = systemClock.now() - this.#batchBegunMs;
    const session = this.open();
    if (!session.signal.aborted) await session.step(durationMs, metrics);
    epoch.batches++;
    epoch.wasStoppedInBatch = this.#obeyStop();
  }

  override async onEpochEnd(_index: number, logs?: Logs): Promise<void> {
    const epoch = this.#epoch;
    this.#epoch = undefined;
    if (epoch === undefined || this.#isCut(epoch)) return; // the end of the run interrupts it
    const metrics = await metricsIn(logs);
    const path = this.#options.checkpoint?.(epoch.number);
    if (path !== undefined) {
      await writeWeights(path, weightsOf(this.model));
      await this.open().checkpoint(path);
    }
    await this.open().epochEnd(metrics as unknown as M);
    this.#obeyStop();
  }

  override async onTrainEnd(): Promise<void> {
    if (!this.#options.endsRun) return;
    void this.end(); // fit need not wait for what runs beside it
    await setImmediate(); // but what is evaluated at the end has its weights before the model may be disposed of
  }

  /** @returns whether the training is to end. */
  #obeyStop(): boolean {
    const { aborted } = this.open().signal;
    if (aborted) this.model.stopTraining = true; // tfjs looks at it after each batch and each epoch
    return aborted;
  }

  /** Whether a stop left out some of an epoch's batches. What others end by `model.stopTraining` ends as they meant it. */
  #isCut({ batches, wasStoppedInBatch }: { readonly batches: number; readonly wasStoppedInBatch: boolean }): boolean {
    const { steps, samples, batchSize } = this.params as Readonly<Record<string, number | null | undefined>>;
    const planned = steps ?? Math.ceil((samples ?? NaN) / (batchSize ?? NaN));
    // The length of a data set need not be known: a stop in a batch is then taken to have come before the last.
    return wasStoppedInBatch && !(batches >= planned);
  }
}
