import { finalize } from 'rxjs';
import { z } from 'zod';
import { parseOptions } from '../errors/index.ts';
import type { BestEpoch } from './best-files.ts';
import { BestKeeper } from './best-keeper.ts';
import type { Callback } from './callback.ts';
import { following } from './following.ts';
import { nameOption } from './name-option.ts';
import { watchedMetricName } from './watched-metric-words.ts';
import { watchedMetric, watchedMetricShape, watchedMetricTold, type WatchedMetricOptions } from './watched-metric.ts';

/** Options of {@link bestCheckpoint}. `O` is the result of the evaluation that it is `on`. */
export interface BestCheckpointOptions<O = unknown> extends WatchedMetricOptions<O> {
  /** The folder that gets the copies: one of this run and of this callback alone. It is made where it is missing. */
  readonly path: string;
  /** How many of the best are kept: 1 by default. */
  readonly keep?: number | undefined;
  /** Its name in the run: by default what it watches, `bestCheckpoint(vs-random.winRate)`. */
  readonly name?: string | undefined;
}

/** A callback that keeps copies of the best checkpoint files. */
export interface BestCheckpoint extends Callback {
  /** The best of which the copy is there; `undefined` before the first. */
  readonly best: BestEpoch | undefined;
}

const optionsSchema = z.strictObject({
  path: z.string().min(1).describe('the path of a folder'),
  ...watchedMetricShape,
  keep: z.int().positive().describe('a whole number of files, from 1 on').default(1),
  name: nameOption.optional(),
});

/**
 * Keeps copies of the best of the run's own checkpoint files, by a metric of the epochs or by the results of an evaluation.
 *
 *     events$   -c1-c2-r1-c3-r2-r3-     (c: a file of that epoch is told; r: its result, 5, 9 and 7)
 *     folder    ---------1-----2----    (a copy, whole; only then the one before goes)
 *
 * The files are those that `epoch.checkpoint(file)` or the callback `checkpoint` told of, of an epoch the last one. A verdict may come
 * epochs later: until then the file is pinned, so that no `keep` deletes it. A copy is made under a temporary name, flushed, and kept
 * only if its SHA-256 is the one that was told: a file that has changed meanwhile is told as `callback:error`, and nothing is kept of
 * it. Where the best epoch so far has no file, that is told once, and the best of those that have one are kept.
 *
 * It judges as `earlyStopping` does: results in the order of their requests, estimates by the bound that promises least; as good is not
 * better; what is no finite number is never among the best. A second result of an epoch takes the place of the first.
 *
 * What is kept is no state of its own. A run that goes on brings the folder to what its journal says: it copies again what is missing,
 * and removes what is half-written and what of this run is not among the best. Files that are older than the run are left alone.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * const best = bestCheckpoint({ path: `best/${trainer.runId}`, on: vsRandom, metric: 'winRate' });
 * trainer.register(best);
 * await trainer.fit(train);
 * console.log(best.best); // { epoch: 12, value: 0.81, path: 'best/…/epoch-00012.bin' }
 */
export function bestCheckpoint<O = unknown>(options: BestCheckpointOptions<O>): BestCheckpoint {
  const given = parseOptions(optionsSchema, options, 'The options of bestCheckpoint');
  const { path: folder, keep } = given;
  const watched = watchedMetric(given);
  const name = given.name ?? `bestCheckpoint(${watchedMetricName(watched)})`;
  let keeper: BestKeeper | undefined;
  return {
    name,
    config: { path: folder, ...watchedMetricTold(watched), keep },
    files: { folder },
    get best() {
      return keeper?.best;
    },
    connect: (run, desk) => {
      const present = new BestKeeper(desk, { name, folder, watched, keep });
      keeper = present;
      return following(run, present).pipe(
        finalize(() => {
          present.close();
        }),
      );
    },
  };
}
