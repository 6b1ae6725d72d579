import { statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock, type Clock } from '../clock/index.ts';
import { parseOptions } from '../errors/index.ts';
import { journalName } from './run-folder.ts';
import type { Journal, JournalInternals } from './journal.ts';
import { journalExists, RunJournal } from './run-journal.ts';

export interface JournalOptions {
  /** The folder that holds a folder for each run. Both are made where they are missing. */
  readonly folder: string;
  /** Names the run's own folder. */
  readonly runId: string;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Go on with the journal that is there, as a resumed run does. Default `false`: one that is there is an error. */
  readonly append?: boolean;
}

const optionsSchema = z.strictObject({
  folder: z.string().min(1).describe('the path of a folder'),
  runId: z
    .string()
    .regex(/^(?!\.+$)[^/\\\0]+$/)
    .describe('the name of a folder, without "/"'),
  clock: z.custom<Clock>((clock) => typeof clock === 'object' && clock !== null).optional(),
  append: z.boolean().optional(),
});

/**
 * Opens a run's journal, `<folder>/<runId>/events.jsonl`: each event a line, flushed to the disk for results, violations and
 * transitions at once and for all others within a second.
 *
 * It gives the journal at once: events are taken from now on and written when the file is open. A torn last line of the journal
 * that is there is repaired before anything is appended.
 *
 * @throws {JournalError} `JOURNAL_EXISTS` when there is a journal already and `append` is not set.
 * @throws {ConfigurationError} for wrong options.
 *
 * @example
 * const journal = openJournal({ folder: '.pitwall', runId: 'minishogi-1' });
 * trainer.events$.subscribe((event) => { if (event.type !== 'step') journal.append(event); });
 * journal.durable$.subscribe((seq) => console.log(`on disk up to ${seq}`));
 */
export function openJournal(options: JournalOptions, internals: JournalInternals = {}): Journal {
  const { folder, runId, clock = systemClock, append = false } = parseOptions(optionsSchema, options, 'openJournal()');
  const file = join(folder, runId, journalName);
  if (!append) requireNone(file);
  return new RunJournal({ file, runId, clock, append }, internals);
}

/** Whatever else is wrong with the path is told by `failed$`, as the run goes on without a journal. */
function requireNone(file: string): void {
  let bytes: number | undefined;
  try {
    bytes = statSync(file, { throwIfNoEntry: false })?.size;
  } catch {
    return;
  }
  if (bytes !== undefined && bytes > 0) throw journalExists(file);
}
