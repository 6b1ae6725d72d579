import { Callback } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { Outcome, Trainer } from '../trainer/index.ts';
import { TrainingCallback } from './tfjs-training-callback.ts';

/** Options of {@link pitwallCallbacks}. */
export interface PitwallCallbacksOptions {
  /**
   * Where the weights are saved after an epoch (its number, from 1), as a file of the format safetensors; `undefined` saves none. Its
   * path and SHA-256 are then the `checkpoint` of that epoch's end. The training waits until the file is on the disk.
   */
  readonly checkpoint?: ((epoch: number) => string | undefined) | undefined;
}

/** What `model.fit` and `model.fitDataset` take as `callbacks`, and how the run ended. */
export interface PitwallCallbacks extends Callback {
  /** How the run ended. It comes after `fit`, when what ran beside the training has been drained. */
  readonly outcome: Promise<Outcome>;
  /**
   * Ends the run where `fit` did not: it rejects without telling its callbacks. A second call gives the same.
   *
   * @param failure what `fit` rejected with: the outcome is then `failed`
   */
  end(failure?: { readonly error: unknown }): Promise<Outcome>;
}

const optionsSchema = z.strictObject({
  checkpoint: z
    .custom<NonNullable<PitwallCallbacksOptions['checkpoint']>>((value) => typeof value === 'function')
    .describe('a function that gives the path of a file for an epoch')
    .optional(),
});

/** @throws {ConfigurationError} with one sentence about the first mistake. */
export function parseCallbacksOptions(options: PitwallCallbacksOptions, where: string): PitwallCallbacksOptions {
  return parseOptions(optionsSchema, options, where);
}

/**
 * Tells a training by TensorFlow.js to a trainer: `fit` opens the run and ends it, its epochs are the run's epochs, its batches the
 * steps, with their durations and their logs as metrics. A stop ends `fit` after the present batch.
 *
 * Epochs are counted from 0 by `fit` and from 1 by Pitwall, so `initialEpoch` is `trainer.state.epoch`: 0, or the epoch that a
 * resumed run goes on from. The event loop has its turn after 10 ms of batches, whatever `yieldEvery` says. Where `fit` may reject,
 * use {@link fitWith}, or `callbacks.end({ error })`: until the run is ended it keeps the process alive.
 *
 * Beside other callbacks it stands in an array, with tfjs' own ones and with `new tf.CustomCallback({ onEpochEnd })`; tfjs takes no
 * plain objects of hooks beside those.
 *
 * @throws {ConfigurationError} for wrong options. `fit` rejects with one for another `initialEpoch`, and for a trainer whose run has
 * begun before.
 *
 * @example
 * const callbacks = pitwallCallbacks(trainer);
 * await model.fit(images, labels, { epochs: trainer.epochs, initialEpoch: trainer.state.epoch, callbacks });
 * const { status } = await callbacks.outcome;
 */
export function pitwallCallbacks<M extends object>(
  trainer: Trainer<M>,
  options: PitwallCallbacksOptions = {},
): PitwallCallbacks {
  const { checkpoint } = parseCallbacksOptions(options, 'pitwallCallbacks()');
  return new TrainingCallback(trainer, { checkpoint, endsRun: true });
}
