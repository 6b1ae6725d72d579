import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigurationError, nearMatch } from '../errors/index.ts';
import { journalFileOf } from '../journal/index.ts';

/**
 * Finds the folder of a run.
 *
 * @param run a run's folder or the journal in it, its id below `journalFolder`, or `latest`: the run whose journal was written last
 * @throws {ConfigurationError} one sentence: there is no such run.
 */
export async function findRun(run: string, journalFolder: string): Promise<string> {
  const below = join(journalFolder, run);
  for (const path of [run, below]) if (await isThere(path)) return dirname(journalFileOf(path));
  const runs = await foldersIn(journalFolder);
  if (run === 'latest') return await latestOf(runs, journalFolder);
  const near = nearMatch(basename(run), runs);
  const advice =
    runs.length === 0
      ? `, and ${journalFolder} holds no runs: give a run's folder, or --journal with the folder that holds it`
      : near === undefined
        ? `, and ${journalFolder} holds ${runs.slice(-3).join(', ')}${runs.length > 3 ? ` and ${runs.length - 3} more` : ''}`
        : `: did you mean "${near}"?`;
  throw new ConfigurationError(`There is no run "${run}", neither as a folder nor as ${below}${advice}`);
}

/** The names of the folders in a folder, in order; none where it is not there. */
export async function foldersIn(folder: string): Promise<string[]> {
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

async function latestOf(runs: readonly string[], journalFolder: string): Promise<string> {
  let latest: { readonly folder: string; readonly writtenMs: number } | undefined;
  for (const run of runs) {
    const folder = join(journalFolder, run);
    const writtenMs = await stat(journalFileOf(folder)).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (writtenMs !== undefined && writtenMs >= (latest?.writtenMs ?? 0)) latest = { folder, writtenMs };
  }
  if (latest !== undefined) return latest.folder;
  throw new ConfigurationError(
    `There is no latest run, as ${journalFolder} holds no runs: give a run's folder, or --journal with the folder that holds it`,
  );
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
