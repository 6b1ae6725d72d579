import type { JournalledEvent } from '../events/index.ts';
import { JournalError } from './journal-error.ts';
import { journalFormat } from './journal-format.ts';
import { decodeLine, type LineEvent } from './line.ts';
import { journalFileOf, requireJournal } from './run-folder.ts';
import { scanLines } from './scan-lines.ts';
import { withoutSuperseded } from './superseded.ts';

/** A last line that was never written to its end, because the program or the machine stopped. */
export interface TornLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly bytes: number;
  /** A sentence for people. */
  readonly message: string;
}

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
  const path = journalFileOf(runFolder);
  await requireJournal(path);
  const events: JournalledEvent[] = [];
  let last: LineEvent | undefined;
  let bad: { readonly line: number; readonly bytes: number; readonly problem: string } | undefined;
  await scanLines(path, ({ number, bytes, newline }) => {
    if (bad !== undefined) throw JournalError.corrupt(path, bad.line, bad.problem);
    const decoded = newline ? decodeLine(bytes) : { problem: 'it has no newline at its end' };
    if ('problem' in decoded) {
      bad = { line: number, bytes: bytes.length + (newline ? 1 : 0), problem: decoded.problem };
      return;
    }
    const { event } = decoded;
    if (last !== undefined) requireNext(path, number, last, event);
    if (event.format !== undefined && event.format > journalFormat) throw JournalError.ofVersion(path, event.format);
    last = event;
    events.push(eventOf(event));
  });
  if (bad !== undefined) onTorn({ path, line: bad.line, bytes: bad.bytes, message: sentence(path, bad) });
  return all ? events : [...withoutSuperseded(events)];
}

/** Nothing may be missing: what could not be written is told by the line that stands for it. */
function requireNext(path: string, line: number, last: LineEvent, event: LineEvent): void {
  const expected = (last.untilSeq ?? last.seq) + 1;
  if (event.seq === expected) return;
  throw JournalError.corrupt(path, line, `the event ${expected} was to follow, but its "seq" is ${event.seq}`);
}

function eventOf({ untilSeq: _, format: __, ...event }: LineEvent): JournalledEvent {
  return event;
}

function sentence(path: string, { line, problem }: { readonly line: number; readonly problem: string }): string {
  return `The last line of ${path} (${line}) is torn, as ${problem}: it was being written when the run was cut off, and is left out.`;
}

function warn({ message }: TornLine): void {
  process.emitWarning(message, { type: 'PitwallWarning', code: 'PITWALL_JOURNAL_TORN' });
}
