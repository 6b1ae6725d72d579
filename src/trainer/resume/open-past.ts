import { dirname } from 'node:path';
import type { LostEvaluation } from '../../callbacks/index.ts';
import type { JournalledEvent } from '../../events/index.ts';
import {
  JournalError,
  journalFileOf,
  readJournal,
  repairJournal,
  requireJournal,
  requireOwnJournal,
  takeRunLock,
  withoutSuperseded,
  type RunLock,
} from '../../journal/index.ts';
import { reasonOf } from '../../errors/index.ts';
import { hashCheckpoint } from '../checkpoint-file.ts';
import { pastOf, type Past } from './past.ts';
import { resumePoints, type ResumePoint } from './resume-point.ts';

/** A run that this process may go on with. */
export interface OpenedPast {
  /** `undefined` where not even its `run:start` was written: it is begun again. */
  readonly past: Past | undefined;
  /** Checkpoints that were passed over, each with the reason. */
  readonly passedOver: readonly string[];
  readonly lock: RunLock;
}

/**
 * Takes a run over from a process that is gone: holds it for this one, repairs its journal, reads that, and finds the latest
 * checkpoint whose file still is what it was.
 *
 * @param name what the run must have been called
 * @throws {JournalError} when another process holds it, it has ended, is another's, or its journal cannot be read. Nothing was changed
 *   then, but for a torn last line that was moved aside.
 */
export async function openPast(runFolder: string, runId: string, name: string): Promise<OpenedPast> {
  const file = journalFileOf(runFolder);
  await requireJournal(file);
  await requireOwnJournal(file);
  const lock = await takeRunLock(dirname(file));
  try {
    await repairJournal(runFolder);
    const all = await readJournal(runFolder, { all: true });
    requireFitting(all, { file, runId, name });
    if (all.length === 0) return { past: undefined, passedOver: [], lock };
    const standing = withoutSuperseded(all);
    const hashOf = hashedOnce();
    const { point, passedOver } = await latestWhole(resumePoints(standing), hashOf);
    const past = pastOf(all, standing, point);
    const [lost, lostBefore, stopped] = [
      await withFilesThatAreThere(past.lost, hashOf),
      await withFilesThatAreThere(past.lostBefore, hashOf),
      await withFilesThatAreThere(past.stopped, hashOf),
    ];
    return { past: { ...past, lost, lostBefore, stopped }, passedOver, lock };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function requireFitting(
  events: readonly JournalledEvent[],
  { file, runId, name }: { readonly file: string; readonly runId: string; readonly name: string },
): void {
  const [start] = events;
  if (start === undefined) return;
  const refuse = (code: 'JOURNAL_FOREIGN' | 'JOURNAL_FINISHED', message: string): never => {
    throw new JournalError(code, message, { path: file });
  };
  if (start.type !== 'run:start')
    refuse('JOURNAL_FOREIGN', `${file} does not begin with a run's start: it cannot be resumed.`);
  else if (start.runId !== runId)
    refuse(
      'JOURNAL_FOREIGN',
      `${file} is the journal of the run "${start.runId}", not of "${runId}": resume that one.`,
    );
  else if (start.name !== name)
    refuse(
      'JOURNAL_FOREIGN',
      `The run "${runId}" is one of "${start.name}", not of "${name}": resume it by its own name.`,
    );
  const end = events.findLast((event) => event.type === 'run:end');
  if (end !== undefined)
    refuse(
      'JOURNAL_FINISHED',
      `The run "${runId}" has ended (${end.status}), so there is nothing to go on with: make a new Trainer.`,
    );
}

/** Gives what a file holds now. */
type HashOf = (path: string) => Promise<string>;

/** Reads each file once, however many checkpoints were written over each other in it. */
function hashedOnce(): HashOf {
  const hashes = new Map<string, Promise<string>>();
  return (path) => {
    const hash = hashes.get(path) ?? hashCheckpoint(path).then((ref) => ref.hash);
    hashes.set(path, hash);
    return hash;
  };
}

/** The latest point whose checkpoint file is there and holds what it held. The beginning needs none. A file is told of once. */
async function latestWhole(
  points: readonly ResumePoint[],
  hashOf: HashOf,
): Promise<{ readonly point: ResumePoint; readonly passedOver: readonly string[] }> {
  const passedOver = new Map<string, string>();
  for (const point of points) {
    if (point.checkpoint === undefined) return { point, passedOver: [...passedOver.values()] };
    const { path, hash } = point.checkpoint;
    const problem = await problemWith(path, hash, hashOf);
    if (problem === undefined) return { point, passedOver: [...passedOver.values()] };
    if (!passedOver.has(path))
      passedOver.set(path, `The checkpoint ${path} of epoch ${point.epoch} was passed over: ${problem}.`);
  }
  throw new Error('Every run has a beginning.');
}

async function problemWith(path: string, hash: string, hashOf: HashOf): Promise<string | undefined> {
  try {
    return (await hashOf(path)) === hash ? undefined : 'its file does not hold what it held when it was told';
  } catch (error) {
    const { code } = (error as Error).cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'its file is gone' : `its file cannot be read (${reasonOf((error as Error).cause)})`;
  }
}

/** A lost evaluation is asked for again only where its checkpoint can be evaluated. */
async function withFilesThatAreThere(
  lost: readonly LostEvaluation[],
  hashOf: HashOf,
): Promise<readonly LostEvaluation[]> {
  return Promise.all(
    lost.map(async ({ subject, ...rest }) => {
      const { checkpoint, ...without } = subject;
      const isThere =
        checkpoint !== undefined && (await problemWith(checkpoint.path, checkpoint.hash, hashOf)) === undefined;
      return { ...rest, subject: isThere ? subject : without };
    }),
  );
}
