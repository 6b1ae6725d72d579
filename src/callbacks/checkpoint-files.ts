import type { EventOf, RunEvent } from '../events/index.ts';
import { crossed } from '../operators/crossed.ts';
import { measured } from '../operators/measured.ts';
import { notFiniteIn } from './not-finite-in.ts';
import { isBetter, type Better } from './patience.ts';

/** Which epochs are saved, and which files are kept. */
export interface CheckpointRules {
  /** Epochs; `undefined` where only the best are saved. */
  readonly every: number | undefined;
  /** By which the best are known. */
  readonly best: (Better & { readonly metric: string }) | undefined;
  /** How many of the last files are kept; `undefined` for all. */
  readonly keep: number | undefined;
  readonly pathOf: (epoch: number) => string;
}

/** An epoch that is to be saved, and whose file has not been told. */
interface AwaitedFile {
  readonly epoch: number;
  /** Of the metric; `null` where there is none, or it is unmeasured. */
  readonly value: number | null;
  readonly isBest: boolean;
}

/** A file that has been told. */
interface ToldFile {
  readonly epoch: number;
  readonly path: string;
}

/** What a run's events say of the files of one callback. */
export interface CheckpointFiles {
  /** The last epoch that could be saved: it ended whole, and no metric of it was NaN or infinite. `undefined` before the first. */
  readonly lastEpoch: number | undefined;
  readonly awaited: readonly AwaitedFile[];
  /** Of the files that were told. */
  readonly best: { readonly epoch: number; readonly value: number } | undefined;
  /** Those that are kept, the oldest first; empty where all are. */
  readonly kept: readonly ToldFile[];
}

/** @param lastEpoch the last that could have been saved before this one looks: 0 for a run that begins */
export function noFiles(lastEpoch: number | undefined): CheckpointFiles {
  return { lastEpoch, awaited: [], best: undefined, kept: [] };
}

/** The files after one more event; the same ones where it tells nothing of them. */
export function foldFiles(files: CheckpointFiles, event: RunEvent, rules: CheckpointRules): CheckpointFiles {
  if (event.type === 'epoch:end') return epochEnded(files, event, rules);
  if (event.type === 'checkpoint' && event.path === rules.pathOf(event.epoch)) return fileTold(files, event, rules);
  return files;
}

/** The files once it is known that there will be none of an epoch. */
export function withoutAwaited(files: CheckpointFiles, epoch: number): CheckpointFiles {
  return { ...files, awaited: files.awaited.filter((other) => other.epoch !== epoch) };
}

function epochEnded(files: CheckpointFiles, event: EventOf<'epoch:end'>, rules: CheckpointRules): CheckpointFiles {
  const { epoch, metrics, interrupted } = event;
  if (interrupted === true || notFiniteIn(metrics) !== undefined) return files;
  const { every, best } = rules;
  const value = best === undefined ? null : measured(metrics[best.metric]);
  const isBest = best !== undefined && value !== null && beatsAll(value, files, best);
  const isDue = every !== undefined && crossed(every, files.lastEpoch ?? epoch - 1, epoch);
  return {
    ...files,
    lastEpoch: epoch,
    awaited: isBest || isDue ? [...files.awaited, { epoch, value, isBest }] : files.awaited,
  };
}

/** A value of an epoch without a file, which failed say, is beaten by nobody: there is nothing to go back to. */
function beatsAll(value: number, { best, awaited }: CheckpointFiles, better: Better): boolean {
  return [best, ...awaited].every((other) => isBetter(value, other?.value ?? undefined, better));
}

function fileTold(files: CheckpointFiles, event: EventOf<'checkpoint'>, rules: CheckpointRules): CheckpointFiles {
  const { epoch, path } = event;
  const value = files.awaited.find((other) => other.epoch === epoch)?.value ?? null;
  const isBest = rules.best !== undefined && value !== null && isBetter(value, files.best?.value, rules.best);
  const best = isBest ? { epoch, value } : files.best;
  const told = [...files.kept.filter((other) => other.epoch !== epoch), { epoch, path }];
  const { keep } = rules;
  return {
    ...withoutAwaited(files, epoch),
    best,
    kept: keep === undefined ? [] : told.filter((file, at) => at >= told.length - keep || file.epoch === best?.epoch),
  };
}
