import type { Observable } from 'rxjs';
import type { RunState } from '../callbacks/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { boundEvaluations } from '../executors/index.ts';
import type { Epoch } from './epoch.ts';
import { LiveRun } from './live-run.ts';
import type { Outcome } from './outcome.ts';
import { callbackOf, type Registrable } from './registrable.ts';
import { comesOfStop } from './run-stopped-error.ts';
import { OpenSession, type Session } from './session.ts';
import { openRun } from './resume/open-run.ts';
import {
  parseTrainerOptions,
  type ResumeOptions,
  type TrainerOptions,
  type TrainerSettings,
} from './trainer-options.ts';

/** One epoch of a training. What it gives are the metrics; it may give none where no type asks for any. */
export type TrainEpoch<M> = (epoch: Epoch) => EpochResult<M> | Promise<EpochResult<M>>;
type EpochResult<M> = Record<string, unknown> extends M ? M | void : M;

/**
 * Runs a training once, tells what happens as one stream of events, and keeps what is registered from hurting it.
 *
 * @typeParam M what an epoch's function gives back
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * const trainer = new Trainer<{ loss: number }>({ name: 'minishogi', epochs: 30 });
 * trainer.register({ name: 'printer', onEpochEnd: ({ epoch, metrics }) => console.log(epoch, metrics) });
 * const outcome = await trainer.fit(async (epoch) => {
 *   let loss = 0;
 *   for (const batch of batches) loss = await epoch.step(() => trainOn(batch));
 *   return { loss };
 * });
 */
export class Trainer<M extends object = Record<string, unknown>> {
  #settings: TrainerSettings;
  #run: LiveRun<M>;

  constructor(options: TrainerOptions) {
    this.#settings = parseTrainerOptions(options);
    this.#run = new LiveRun<M>(this.#settings);
  }

  /**
   * Goes on with a run whose process is gone, after the last checkpoint whose file is still what it was: {@link Trainer.state} is as of
   * that, and says where the weights are. Without any checkpoint it goes on from the beginning.
   *
   * Register the same callbacks, load the weights, and call `fit` or `open` as for a new run: the epochs that the checkpoint holds are
   * not run again, and callbacks are given what the journal tells of them.
   *
   * @param runId of the run, or `latest`: the one of this name that was begun last
   * @param options those that the run was begun with; what has changed is refused here or by `fit`, unless `allowChanged` is set
   * @throws {JournalError} `JOURNAL_NOT_FOUND`; `JOURNAL_LOCKED` while another process has the run, with its pid; `JOURNAL_FINISHED`;
   *   `JOURNAL_FOREIGN` for a run of another name; `JOURNAL_VERSION`, `JOURNAL_CORRUPT`, `JOURNAL_WRITE`.
   * @throws {ConfigurationError} one sentence about the first mistake in the options.
   *
   * @example
   * const trainer = await Trainer.resume<{ loss: number }>('latest', { name: 'minishogi', epochs: 30 });
   * const { checkpoint } = trainer.state;
   * if (checkpoint !== undefined) loadWeights(model, await readFile(checkpoint.path));
   */
  static async resume<M extends object = Record<string, unknown>>(
    runId: string,
    options: ResumeOptions,
  ): Promise<Trainer<M>> {
    const { settings, opened } = await openRun(runId, options);
    const { name, epochs } = settings;
    const trainer = new Trainer<M>({ name, epochs, journal: false });
    trainer.#settings = settings;
    trainer.#run = new LiveRun<M>(settings, opened);
    return trainer;
  }

  get name(): string {
    return this.#settings.name;
  }

  /** How many epochs `fit` runs, those of before a resumption counted. */
  get epochs(): number {
    return this.#settings.epochs;
  }

  get runId(): string {
    return this.#settings.runId;
  }

  /** The folder of this run, absolute; `undefined` without a journal. */
  get runFolder(): string | undefined {
    return this.#settings.runFolder;
  }

  /** Where the run stands now. */
  get state(): RunState<M> {
    return this.#run.state;
  }

  /**
   * Every event. Hot, without replay; never errors; completes after `run:end`. It is for tools: what a subscriber throws is its
   * own. What must not hurt the training is registered.
   */
  get events$(): Observable<RunEvent> {
    return this.#run.events$;
  }

  /**
   * Adds a callback, before or during the run. A late one gets events from the next `seq` on.
   *
   * @returns how to take it out again. Evaluations that it has under way are cancelled and told.
   * @throws {ConfigurationError} without a name, for a name that is taken, for a hook that does not exist, after the run.
   */
  register(callback: Registrable<M>): { readonly unregister: () => void } {
    return this.#run.register(callbackOf(callback));
  }

  /**
   * Begins the run, for a training that owns its loop.
   *
   * @throws {ConfigurationError} when the run has begun before; what opening the journal fails with.
   */
  open(): Session<M> {
    return this.#begin();
  }

  /**
   * Runs the epochs one after the other, and then drains what still runs beside them.
   *
   * @param train one epoch; what it gives back are the metrics of its `epoch:end`
   * @returns how the run ended: `failed` too when a critical callback failed.
   * @throws what `train` throws, after the run has ended as `failed`; {@link ConfigurationError} when the run has begun before.
   */
  async fit(train: TrainEpoch<M>): Promise<Outcome> {
    if (typeof train !== 'function')
      throw new ConfigurationError(`trainer.fit(…) must get the function of an epoch, but ${told(train)} came.`);
    const session = this.#begin();
    const failure = await this.#train(session, train);
    const outcome = await session.end(failure);
    if (failure !== undefined) throw failure.error;
    return outcome;
  }

  /**
   * Ends the training after the present step, and cancels what runs beside it. After `training:end` only the reason is kept.
   *
   * @param reason told in the outcome
   */
  stop(reason: string): void {
    this.#run.stop(typeof reason === 'string' && reason !== '' ? reason : 'trainer.stop() was called');
  }

  #begin(): OpenSession<M> {
    const { maxProcesses, totalMemoryMb } = this.#settings;
    if (maxProcesses !== undefined || totalMemoryMb !== undefined) boundEvaluations({ maxProcesses, totalMemoryMb });
    this.#run.begin();
    return new OpenSession<M>(this.#run, this.#settings.clock);
  }

  /** @returns what `train` failed with, if it did. */
  async #train(session: OpenSession<M>, train: TrainEpoch<M>): Promise<{ readonly error: unknown } | undefined> {
    try {
      while (session.epochsBegun < this.epochs && !session.signal.aborted) {
        const metrics = (await train(session.begin())) as M | null | undefined;
        await session.epochEnd(metrics ?? undefined);
        await session.breathe();
      }
      return undefined;
    } catch (error) {
      return session.signal.aborted && comesOfStop(error) ? undefined : { error };
    }
  }
}
