import type { JournalledEvent } from '../events/index.ts';
import { scanJournal, type TornLine } from './scan-journal.ts';

export interface ReadJournalOptions {
  /** Hears of a torn last line instead of `process.emitWarning` (code `PITWALL_JOURNAL_TORN`). */
  readonly onTorn?: (torn: TornLine) => void;
}

/**
 * Reads a run's journal back: the events of the run in order, without `step`.
 *
 * NaN, infinities, bigints, dates, maps and sets are what they were; a typed array is `{ $array, length, sha256 }`, and what
 * could not be written at all is `{ $omitted }` with the reason. Where the disk could not take events, one event
 * `{ type: 'dropped', what: 'journal', count }` stands in their place. A torn last line is left out, and said once.
 *
 * @param runFolder `.pitwall/<runId>`, as a path or a `file:` URL
 * @throws {JournalError} `JOURNAL_NOT_FOUND`, or `JOURNAL_CORRUPT` with the `line` that does not hold what was written, or after
 *   which lines are missing.
 *
 * @example
 * const events = await readJournal('.pitwall/minishogi-1');
 * const ends = events.filter((event) => event.type === 'evaluation:end');
 * console.log(ends.map(({ epoch, status }) => `${epoch}: ${status}`));
 */
export async function readJournal(
  runFolder: string | URL,
  { onTorn = warn }: ReadJournalOptions = {},
): Promise<JournalledEvent[]> {
  const events: JournalledEvent[] = [];
  const { torn } = await scanJournal(runFolder, (event) => events.push(event));
  if (torn !== undefined) onTorn(torn);
  return events;
}

function warn({ message }: TornLine): void {
  process.emitWarning(message, { type: 'PitwallWarning', code: 'PITWALL_JOURNAL_TORN' });
}
