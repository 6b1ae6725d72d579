import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../errors/index.ts';
import { journalFileOf } from '../../journal/index.ts';
import { lastMetrics, reportRun, type RunReport } from '../../report/index.ts';
import { foldersIn } from '../find-run.ts';

/** A run of the list. */
export type ListedRun = ReadableRun | UnreadableRun;

export interface ReadableRun {
  readonly id: string;
  readonly folder: string;
  readonly name: string;
  /** Wall-clock milliseconds. */
  readonly startedAt: number;
  readonly epochsDone: number;
  readonly epochsPlanned: number;
  readonly status: RunReport['run']['status'];
  /** It has no end in the record, and may still be running. */
  readonly mayBeRunning: boolean;
  readonly evaluations: RunReport['evaluations']['counts'];
  /** Of its last epoch. */
  readonly metrics: ReturnType<typeof lastMetrics>;
  /** A sentence about a last line that was never written to its end. */
  readonly torn: string | null;
}

/** A folder whose journal cannot be read. */
export interface UnreadableRun {
  readonly id: string;
  readonly folder: string;
  /** A sentence. */
  readonly problem: string;
}

/** Reads every journal below a folder, one after the other: the oldest run first, what cannot be read last. */
export async function readRuns(journalFolder: string): Promise<readonly ListedRun[]> {
  const readable: ReadableRun[] = [];
  const unreadable: UnreadableRun[] = [];
  for (const id of await foldersIn(journalFolder)) {
    const folder = join(journalFolder, id);
    if (!(await hasJournal(folder))) continue; // somebody else's folder
    try {
      readable.push(listed(id, folder, await reportRun(folder)));
    } catch (error) {
      unreadable.push({ id, folder, problem: reasonOf(error) });
    }
  }
  return [...readable.sort((one, other) => one.startedAt - other.startedAt), ...unreadable];
}

function listed(id: string, folder: string, report: RunReport): ReadableRun {
  const { name, startedAt, epochsDone, epochsPlanned, status, isLocked } = report.run;
  return {
    id,
    folder,
    name,
    startedAt,
    epochsDone,
    epochsPlanned,
    status,
    mayBeRunning: status === 'no-end' && isLocked,
    evaluations: report.evaluations.counts,
    metrics: lastMetrics(report),
    torn: report.trouble.torn,
  };
}

async function hasJournal(folder: string): Promise<boolean> {
  return await stat(journalFileOf(folder)).then(
    () => true,
    () => false,
  );
}
