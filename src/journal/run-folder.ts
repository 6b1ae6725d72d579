import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError, told } from '../errors/index.ts';
import { JournalError } from './journal-error.ts';

/** The journal's name in its run's folder. */
export const journalName = 'events.jsonl';

/** Gives the journal's path for a run's folder, told as a path or a `file:` URL; the journal itself may be told too. */
export function journalFileOf(runFolder: string | URL): string {
  const path = pathOf(runFolder);
  return basename(path) === journalName ? path : join(path, journalName);
}

/** Resolves when the journal is there. @throws {JournalError} `JOURNAL_NOT_FOUND`, naming the runs that lie in the folder instead. */
export async function requireJournal(file: string): Promise<void> {
  const isThere = await kindOf(file);
  if (isThere === 'file') return;
  const folder = dirname(file);
  throw new JournalError('JOURNAL_NOT_FOUND', await whatIsThere(folder), { path: file });
}

async function whatIsThere(folder: string): Promise<string> {
  const kind = await kindOf(folder);
  if (kind === 'file') return `${folder} is a file, and ${await folderToGive(dirname(folder))}`;
  if (kind === 'nothing')
    return `There is no run folder ${folder}: a run's journal is expected in ".pitwall/<runId>/${journalName}", below the folder in which the training was started.`;
  const runs = await runsIn(folder);
  if (runs.length === 0)
    return `The folder ${folder} holds no ${journalName}: a run's folder was expected, like ".pitwall/<runId>".`;
  const named = runs.slice(0, 10).join(', ') + (runs.length > 10 ? `, … (${runs.length} in all)` : '');
  return `The folder ${folder} holds no ${journalName}, but the folders of runs: ${named}. Give one of them, like "${join(folder, runs.at(-1) ?? '')}".`;
}

async function folderToGive(around: string): Promise<string> {
  return (await kindOf(join(around, journalName))) === 'file'
    ? `a run is told by its folder: give ${around}.`
    : `a run's folder was expected, like ".pitwall/<runId>".`;
}

async function runsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const runs: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (await kindOf(join(folder, entry.name, journalName))) === 'file') runs.push(entry.name);
  }
  return runs.sort();
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
}

function pathOf(runFolder: unknown): string {
  if (typeof runFolder === 'string' && runFolder !== '' && !runFolder.startsWith('file:')) return runFolder;
  if (typeof runFolder === 'string' && runFolder.startsWith('file:')) return fileURLToPath(runFolder);
  if (runFolder instanceof URL && runFolder.protocol === 'file:') return fileURLToPath(runFolder);
  throw new ConfigurationError(
    `A run's folder must be a path or a file: URL, but ${runFolder instanceof URL ? runFolder.href : told(runFolder)} came.`,
  );
}
