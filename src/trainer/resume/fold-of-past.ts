import { emptyRunFold, foldRun, type RunFold } from '../run-fold.ts';
import type { Past } from './past.ts';

/** Where the run stood at the checkpoint that it goes on from. */
export function foldOfPast({ history, from }: Past): RunFold {
  const fold = history.reduce(foldRun, emptyRunFold);
  return { ...fold, epoch: from.epoch, checkpoint: from.checkpoint };
}
