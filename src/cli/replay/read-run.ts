import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigurationError, nearMatch } from '../../errors/index.ts';
import type { JournalledEvent } from '../../events/index.ts';
import { readJournal } from '../../journal/index.ts';

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
 * @param run a run's folder, or its id below `journalFolder`
 * @throws {PitwallError} one sentence: there is no such run, or its journal cannot be read.
 */
export async function readRun(run: string, journalFolder: string): Promise<ReadRun> {
  const folder = await folderOf(run, journalFolder);
  let torn: string | undefined;
  const events = await readJournal(folder, { onTorn: ({ message }) => (torn = message) });
  if (events.length === 0)
    throw new ConfigurationError(
      `The journal in ${folder} must hold the events of a run, but it holds none${torn === undefined ? '' : ': its only line is torn or is not a journal’s'}.`,
    );
  return { folder, events, torn };
}

async function folderOf(run: string, journalFolder: string): Promise<string> {
  const below = join(journalFolder, run);
  if (await exists(run)) return run;
  if (await exists(below)) return below;
  const runs = await runsIn(journalFolder);
  const near = nearMatch(basename(run), runs);
  const advice =
    runs.length === 0
      ? `, and ${journalFolder} holds no runs: give a run's folder, or --journal with the folder that holds it`
      : near === undefined
        ? `, and ${journalFolder} holds ${runs.slice(-3).join(', ')}${runs.length > 3 ? ` and ${runs.length - 3} more` : ''}`
        : `: did you mean "${near}"?`;
  throw new ConfigurationError(`There is no run "${run}", neither as a folder nor as ${below}${advice}`);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function runsIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
