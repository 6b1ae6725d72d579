import { ConfigurationError, told } from '../errors/index.ts';
import type { Outcome, Trainer } from '../trainer/index.ts';
import { parseCallbacksOptions, type PitwallCallbacks, type PitwallCallbacksOptions } from './tfjs-callbacks.ts';
import { TrainingCallback } from './tfjs-training-callback.ts';
import type { Callback } from '@tensorflow/tfjs-layers';

/** What of the options of `model.fit` is Pitwall's to say. */
export interface FitOptions {
  /** The trainer's. */
  readonly epochs: number;
  /** 0, or the epoch that a resumed run goes on from. */
  readonly initialEpoch: number;
  /** To stand first, or between others of its kind. */
  readonly callbacks: Callback;
}

/** What {@link fitWith} gives. */
export interface FitResult<T> {
  /** What the function gave: the `History` of `model.fit`. */
  readonly history: T;
  readonly outcome: Outcome;
}

/**
 * Runs a training by TensorFlow.js as a run of the trainer: it begins before the function, and ends with it, as failed when the
 * function throws. Between the two the function may call `model.fit` or `model.fitDataset`, and more than once, for as long as
 * their epochs follow each other.
 *
 * @param fit gets `{ epochs, initialEpoch, callbacks }`, to be spread into the options of `model.fit`
 * @param options as of {@link pitwallCallbacks}
 * @throws what `fit` throws, after the run has ended as `failed`; {@link ConfigurationError} for wrong options, and when the run has
 * begun before.
 *
 * @example
 * const { history, outcome } = await fitWith(trainer, (pitwall) => model.fit(images, labels, { ...pitwall, batchSize: 64 }));
 */
export async function fitWith<M extends object, T>(
  trainer: Trainer<M>,
  fit: (pitwall: FitOptions) => Promise<T>,
  options: PitwallCallbacksOptions = {},
): Promise<FitResult<T>> {
  if (typeof fit !== 'function')
    throw new ConfigurationError(
      `fitWith(trainer, fit) must get a function that calls model.fit, but ${told(fit)} came.`,
    );
  const { checkpoint } = parseCallbacksOptions(options, 'fitWith()');
  const callbacks = new TrainingCallback(trainer, { checkpoint, endsRun: false });
  callbacks.open();
  const history = await failingWith(callbacks, async () => {
    const fitted = await fit({ epochs: trainer.epochs, initialEpoch: trainer.state.epoch, callbacks });
    if (!callbacks.hasTrained)
      throw new ConfigurationError(
        'The function given to fitWith trained without the `callbacks` that it got: spread what it gets into the options of model.fit.',
      );
    return fitted;
  });
  return { history, outcome: await callbacks.end() };
}

/** Lets an error of the work through once the run has ended with it. */
async function failingWith<T>(callbacks: Pick<PitwallCallbacks, 'end'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await callbacks.end({ error });
    throw error;
  }
}
