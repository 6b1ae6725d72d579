import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from './journal-error.ts';
import { decodeLine } from './line.ts';
import { journalName } from './run-folder.ts';
import { scanLines } from './scan-lines.ts';

/**
 * Finds the run of a name that was begun last.
 *
 * A journal whose first line was never written whole tells no name: it counts as one of them, begun when its file was last written.
 *
 * @param folder the folder that holds a folder for each run
 * @returns its id.
 * @throws {JournalError} `JOURNAL_NOT_FOUND` when there is none, with the names that there are.
 */
export async function latestRun(folder: string, name: string): Promise<string> {
  const runs = await begunRuns(folder);
  const own = runs.filter((run) => run.name === name || run.name === undefined).sort((one, other) => other.at - one.at);
  const [latest] = own;
  if (latest !== undefined) return latest.runId;
  const names = [...new Set(runs.map((run) => run.name))].map((other) => `"${other}"`);
  const others = names.length === 0 ? 'it holds no runs' : `it holds runs of ${names.join(', ')}`;
  throw new JournalError('JOURNAL_NOT_FOUND', `There is no run of "${name}" in ${folder}: ${others}.`, {
    path: folder,
  });
}

interface BegunRun {
  readonly runId: string;
  readonly name: string | undefined;
  readonly at: number;
}

async function begunRuns(folder: string): Promise<BegunRun[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const runs: BegunRun[] = [];
  for (const { name: runId } of entries) {
    const file = join(folder, runId, journalName);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    const begun = await beginOf(file).catch(() => undefined);
    runs.push({ runId, name: begun?.name, at: begun?.at ?? found.mtimeMs });
  }
  return runs;
}

/** What its first line tells, read without the rest. */
async function beginOf(file: string): Promise<{ readonly name: string; readonly at: number } | undefined> {
  let first: ReturnType<typeof decodeLine> | undefined;
  const enough = new Error('one line is enough');
  await scanLines(file, ({ bytes }) => {
    first = decodeLine(bytes);
    throw enough;
  }).catch((error: unknown) => {
    if (error !== enough) throw error;
  });
  return first !== undefined && 'event' in first && first.event.type === 'run:start' ? first.event : undefined;
}
