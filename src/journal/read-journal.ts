import type { JournalledEvent } from '../events/index.ts';
import { scanJournal, type TornLine } from './scan-journal.ts';
import { withoutSuperseded } from './superseded.ts';

export interface ReadJournalOptions {
  /** Hears of a torn last line instead of `process.emitWarning` (code `PITWALL_JOURNAL_TORN`). */
  readonly onTorn?: (torn: TornLine) => void;
  /** Gives what a resumed run has done again too, twice then. Default `false`: the history as it stands. */
  readonly all?: boolean;
}

/**
 * Reads a run's journal back: the events of the run in order, without `step`.
 *
 * Of a run that was resumed the history as it stands: what was told after the checkpoint that it went on from, and before its
 * `run:resume`, was done again, and is left out. What was told of evaluations of the epochs up to there stays.
 *
 * NaN, infinities, bigints, dates, maps and sets are what they were; a typed array is `{ $array, length, sha256 }`, and what
 * could not be written at all is `{ $omitted }` with the reason. Where the disk could not take events, one event
 * `{ type: 'dropped', what: 'journal', count }` stands in their place. A torn last line is left out, and said once.
 *
 * @param runFolder `.pitwall/<runId>`, as a path or a `file:` URL
 * @throws {JournalError} `JOURNAL_NOT_FOUND`, `JOURNAL_VERSION`, or `JOURNAL_CORRUPT` with the `line` that does not hold what was
 *   written, or after which lines are missing.
 *
 * @example
 * const events = await readJournal('.pitwall/minishogi-1');
 * const ends = events.filter((event) => event.type === 'evaluation:end');
 * console.log(ends.map(({ epoch, status }) => `${epoch}: ${status}`));
 */
export async function readJournal(
  runFolder: string | URL,
  { onTorn = warn, all = false }: ReadJournalOptions = {},
): Promise<JournalledEvent[]> {
  const events: JournalledEvent[] = [];
  const { torn } = await scanJournal(runFolder, (event) => events.push(event));
  if (torn !== undefined) onTorn(torn);
  return all ? events : [...withoutSuperseded(events)];
}

function warn({ message }: TornLine): void {
  process.emitWarning(message, { type: 'PitwallWarning', code: 'PITWALL_JOURNAL_TORN' });
}
