import { ConfigurationError } from '../../errors/index.ts';
import type { JournalledEvent } from '../../events/index.ts';
import { readJournal } from '../../journal/index.ts';
import { findRun } from '../find-run.ts';

/** A recorded run as the command reads it. */
export interface ReadRun {
  readonly folder: string;
  readonly events: readonly JournalledEvent[];
  /** A sentence about a last line that was never written to its end. */
  readonly torn: string | undefined;
}

/**
 * Finds and reads a run's journal.
 *
 * @param run a run's folder, its id below `journalFolder`, or `latest`
 * @throws {PitwallError} one sentence: there is no such run, or its journal cannot be read.
 */
export async function readRun(run: string, journalFolder: string): Promise<ReadRun> {
  const folder = await findRun(run, journalFolder);
  let torn: string | undefined;
  const events = await readJournal(folder, { onTorn: ({ message }) => (torn = message) });
  if (events.length === 0)
    throw new ConfigurationError(
      `The journal in ${folder} must hold the events of a run, but it holds none${torn === undefined ? '' : ': its only line is torn or is not a journal’s'}.`,
    );
  return { folder, events, torn };
}
