import type { JournalledEvent } from '../events/index.ts';
import { JournalError } from './journal-error.ts';
import { journalFormat } from './journal-format.ts';
import { decodeLine, type LineEvent } from './line.ts';
import { journalFileOf, requireJournal } from './run-folder.ts';
import { scanLines } from './scan-lines.ts';

/** A last line that was never written to its end, because the program or the machine stopped. */
export interface TornLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly bytes: number;
  /** A sentence for people. */
  readonly message: string;
}

/** What a journal was, beside its events. */
export interface ScannedJournal {
  /** How long the file is. */
  readonly bytes: number;
  readonly torn?: TornLine;
}

/**
 * Reads a run's journal once, event by event, without keeping any: what it needs in memory is a line.
 *
 * The events are all that `readJournal(runFolder, { all: true })` gives, in the same order and with the same checks; a torn last line is left out and told at the
 * end.
 *
 * @param onEvent is called for each event; what it throws ends the reading and rejects
 * @throws {JournalError} as `readJournal` does, after the events that stand before what is wrong.
 */
export async function scanJournal(
  runFolder: string | URL,
  onEvent: (event: JournalledEvent) => void,
): Promise<ScannedJournal> {
  const path = journalFileOf(runFolder);
  await requireJournal(path);
  let expected: number | undefined;
  let bad: { readonly line: number; readonly bytes: number; readonly problem: string } | undefined;
  const bytes = await scanLines(path, ({ number, bytes, newline }) => {
    if (bad !== undefined) throw JournalError.corrupt(path, bad.line, bad.problem);
    const decoded = newline ? decodeLine(bytes) : { problem: 'it has no newline at its end' };
    if ('problem' in decoded) {
      bad = { line: number, bytes: bytes.length + (newline ? 1 : 0), problem: decoded.problem };
      return;
    }
    const { event } = decoded;
    // Nothing may be missing: what could not be written is told by the line that stands for it.
    if (expected !== undefined && event.seq !== expected)
      throw JournalError.corrupt(path, number, `the event ${expected} was to follow, but its "seq" is ${event.seq}`);
    expected = (event.untilSeq ?? event.seq) + 1;
    const { format } = event;
    if (format !== undefined && format > journalFormat) throw JournalError.ofVersion(path, format);
    onEvent(event.untilSeq === undefined && format === undefined ? event : eventOf(event));
  });
  return bad === undefined
    ? { bytes }
    : { bytes, torn: { path, line: bad.line, bytes: bad.bytes, message: sentence(path, bad) } };
}

function eventOf({ untilSeq: _, format: __, ...event }: LineEvent): JournalledEvent {
  return event;
}

function sentence(path: string, { line, problem }: { readonly line: number; readonly problem: string }): string {
  return `The last line of ${path} (${line}) is torn, as ${problem}: it was being written when the run was cut off, and is left out.`;
}
