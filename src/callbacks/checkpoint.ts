import { finalize } from 'rxjs';
import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import type { Callback } from './callback.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { SaveCheckpoint } from './checkpoint-request.ts';
import { following } from './following.ts';
import { nameOption } from './name-option.ts';
import { watchedMetricShape } from './watched-metric.ts';

/** Options of {@link checkpoint}. */
export interface CheckpointOptions {
  /** The folder that gets the files: one of this run, so that no other run's files are overwritten. It is made where it is missing. */
  readonly path: string;
  /** Epochs: 1 by default, and with `metric` none but the best. */
  readonly every?: number | undefined;
  /** The name of a metric of the epochs: one that is better by it than all files so far is saved. */
  readonly metric?: string | undefined;
  /** Which is better: the smaller (`min`, the default) or the larger (`max`). */
  readonly mode?: 'min' | 'max' | undefined;
  /** By how much more than this a value must be better than the best before it: 0 by default. */
  readonly minDelta?: number | undefined;
  /** How many files are kept, the last ones; with `metric` the best one too. All by default. */
  readonly keep?: number | undefined;
  /**
   * Gives what the file is to hold. It is called as the epoch ends, before the next step; a live array is copied at once. A promise has
   * five minutes, and what it needs of the live weights must have been read before its first `await`.
   */
  readonly save: SaveCheckpoint;
  /** Of the files' names, without its dot: `bin` by default. */
  readonly extension?: string | undefined;
  /** Its name in the run: `checkpoint` by default. */
  readonly name?: string | undefined;
}

const optionsSchema = z.strictObject({
  path: z.string().min(1).describe('the path of a folder'),
  every: z.int().positive().describe('a whole number of epochs, from 1 on').optional(),
  metric: watchedMetricShape.metric.optional(),
  mode: watchedMetricShape.mode,
  minDelta: z.number().nonnegative().describe('a finite number from 0 on').optional(),
  keep: z.int().positive().describe('a whole number of files, from 1 on').optional(),
  save: z
    .custom<SaveCheckpoint>((value) => typeof value === 'function')
    .describe('a function that gives what the file is to hold'),
  extension: z
    .string()
    .regex(/^\w[\w.-]*$/)
    .describe("an extension without its dot, as 'bin'")
    .default('bin'),
  name: nameOption.default('checkpoint'),
});

/**
 * Saves the weights beside the training, as files of which nobody sees one that is not whole.
 *
 *     events$     -1---2---3-     (epoch:end)
 *     save        -a---b---c-     (called at once, before the next step)
 *     events$     ---a---b---c    (checkpoint: the file is on the disk)
 *
 * A file `epoch-00012.bin` is written under a temporary name in the same folder, flushed, hashed and renamed, and only then told as a
 * `checkpoint` event: what is evaluated on it (`when: onCheckpoint`), copied or gone on from is complete. One is written at a time.
 * While it is, one more waits, and a newer takes its place, unless the one that waits is the best so far and the newer is not; this is
 * told as `dropped`. What fails is told as `callback:error`, and the training goes on. The run's end waits for the last file.
 *
 * `keep` deletes the files that it has told before, as soon as no evaluation needs them. What was kept is no state of its own: a
 * resumed run has it from its journal. Files of other names, and of other runs, are left alone.
 *
 * An epoch that a stop interrupts saves nothing, and so does one whose metrics hold NaN or an infinite number: it deletes nothing
 * either, so that the last good file is there after `terminateOnNaN`. Epochs that were jumped over are made up for by the next.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * trainer.register(checkpoint({ path: `checkpoints/${trainer.runId}`, every: 5, keep: 3, save: () => weights }));
 */
export function checkpoint(options: CheckpointOptions): Callback {
  const given = parseOptions(optionsSchema, options, 'The options of checkpoint');
  const { name, path, metric, mode = 'min', minDelta = 0, keep, extension, save } = given;
  if (metric === undefined && (given.mode ?? given.minDelta) !== undefined)
    throw new ConfigurationError(
      'The options of checkpoint: "mode" and "minDelta" say which value of a metric is better, but no "metric" came.',
    );
  const every = given.every ?? (metric === undefined ? 1 : undefined);
  const best = metric === undefined ? undefined : { metric, mode, minDelta };
  return {
    name,
    config: { path, ...(every !== undefined && { every }), ...best, ...(keep !== undefined && { keep }), extension },
    files: { folder: path, extension },
    connect: (run, desk) => {
      const keeper = new CheckpointKeeper(run, desk, { name, folder: path, extension, every, best, keep, save });
      return following(run, keeper).pipe(
        finalize(() => {
          keeper.close();
        }),
      );
    },
  };
}
