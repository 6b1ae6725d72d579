import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './folders.ts';
import { JournalError } from './journal-error.ts';
import { journalFormat } from './journal-format.ts';
import { decodeLine, type LineEvent } from './line.ts';
import { journalFileOf, requireJournal } from './run-folder.ts';
import { scanLines, type ScannedLine } from './scan-lines.ts';

/** What {@link repairJournal} found and did. */
export interface Repair {
  readonly repaired: boolean;
  /** How many bytes were moved aside: 0 for a whole journal. */
  readonly removedBytes: number;
  /** Where they are kept: `events.jsonl.torn` beside the journal, with a number behind it if that was taken. */
  readonly keptAs?: string;
  /** How many whole lines the journal has. */
  readonly lines: number;
}

/**
 * Moves a torn last line aside, so that the journal ends with its last whole line and can be appended to. What it removes is
 * kept beside the journal; a whole journal is not touched. Whoever repairs must know that no other process writes.
 *
 * @param runFolder `.pitwall/<runId>`, as a path or a `file:` URL
 * @throws {JournalError} `JOURNAL_NOT_FOUND`, `JOURNAL_VERSION`, or `JOURNAL_CORRUPT` when more than the last line is broken at its end.
 *
 * @example
 * const { repaired, keptAs } = await repairJournal('.pitwall/minishogi-1');
 * if (repaired) console.log(`the last line was torn; it is kept in ${keptAs}`);
 */
export async function repairJournal(runFolder: string | URL): Promise<Repair> {
  const file = journalFileOf(runFolder);
  await requireJournal(file);
  return (await repairEnd(file)).repair;
}

/** Repairs a journal and tells the events of its first and its last whole line, as whoever appends needs them. */
export async function repairEnd(file: string): Promise<{ repair: Repair; first?: LineEvent; last?: LineEvent }> {
  let firstLine: ScannedLine | undefined;
  let beforeLast: ScannedLine | undefined;
  let lastLine: ScannedLine | undefined;
  await scanLines(file, (line) => {
    [beforeLast, lastLine] = [lastLine, line];
    firstLine ??= line;
  });
  if (firstLine === undefined || lastLine === undefined)
    return { repair: { repaired: false, removedBytes: 0, lines: 0 } };
  requireKnownFormat(file, firstLine);
  if (isWhole(lastLine)) {
    const repair = { repaired: false, removedBytes: 0, lines: lastLine.number };
    return { repair, first: eventOf(file, firstLine), last: eventOf(file, lastLine) };
  }
  // Looked at before anything is changed: two broken lines are no torn write.
  const last = beforeLast && eventOf(file, beforeLast);
  const keptAs = await moveAside(file, lastLine);
  const removedBytes = lastLine.bytes.length + (lastLine.newline ? 1 : 0);
  const repair = { repaired: true, removedBytes, keptAs, lines: lastLine.number - 1 };
  return last === undefined ? { repair } : { repair, first: eventOf(file, firstLine), last };
}

function isWhole({ bytes, newline }: ScannedLine): boolean {
  return newline && 'event' in decodeLine(bytes);
}

function eventOf(file: string, { number, bytes }: ScannedLine): LineEvent {
  const decoded = decodeLine(bytes);
  if ('problem' in decoded) throw JournalError.corrupt(file, number, decoded.problem);
  return decoded.event;
}

/** What a newer Pitwall wrote is not touched: to it, its last line may be whole. */
function requireKnownFormat(file: string, { bytes }: ScannedLine): void {
  const decoded = decodeLine(bytes);
  const format = 'event' in decoded ? decoded.event.format : undefined;
  if (format !== undefined && format > journalFormat) throw JournalError.ofVersion(file, format);
}

/** Copy first, durably, then cut: whatever stops this in between, nothing is lost. */
async function moveAside(file: string, { bytes, newline, offset }: ScannedLine): Promise<string> {
  const keptAs = await keep(`${file}.torn`, newline ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes);
  await syncFolder(dirname(file));
  const journal = await open(file, 'r+');
  try {
    await journal.truncate(offset);
    await journal.sync();
  } finally {
    await journal.close();
  }
  return keptAs;
}

async function keep(name: string, bytes: Buffer): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const path = attempt === 1 ? name : `${name}.${attempt}`;
    try {
      const kept = await open(path, 'wx');
      try {
        await kept.writeFile(bytes);
        await kept.sync();
      } finally {
        await kept.close();
      }
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
