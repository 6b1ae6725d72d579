import { openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { z } from 'zod';

/**
 * What an evaluator tells while it works, as a small shared file: the latest value wins, so that telling cannot flood, and it
 * is there before the evaluator blocks its loop.
 */
const lettersSchema = z.object({
  /** Items that have ended. */
  done: z.number(),
  /** The running item that began first; `startedMs` is monotonic milliseconds of the machine. */
  running: z.object({ name: z.string().catch(''), startedMs: z.number() }).nullable(),
  // Of no weight beside the items: what is wrong with it must not cost a mark.
  progress: z
    .object({ done: z.number(), total: z.number().optional(), note: z.string().optional() })
    .nullable()
    .catch(null),
  /** How often progress was told in all: the difference to what was read is what nobody saw. */
  progressCount: z.number(),
  /** How many partial results were written. */
  partialCount: z.number(),
});

export type Letters = z.infer<typeof lettersSchema>;

export const emptyLetters: Letters = { done: 0, running: null, progress: null, progressCount: 0, partialCount: 0 };

/** Version before, length, text, version after: a reader that sees two versions has met a write and looks again. */
const mailboxBytes = 2048;
const headerBytes = 8;
const longestTextBytes = mailboxBytes - headerBytes - 4;
const longestWordLength = 200;
/** Of control characters, each of which JSON writes as six. */
const shortWordLength = 100;

/** Makes an empty mailbox at `path`. */
export function createMailbox(path: string): void {
  writeFileSync(path, Buffer.alloc(mailboxBytes));
}

/** Writes the mailbox at `path`; one writer. A write costs a few microseconds. */
export function mailboxWriter(path: string): (letters: Letters) => void {
  const fd = openSync(path, 'r+');
  const buffer = Buffer.alloc(mailboxBytes);
  let version = 0;
  return (letters) => {
    const text = fitting(letters);
    version = (version + 1) >>> 0;
    buffer.writeUInt32LE(version, 0);
    buffer.writeUInt32LE(text.length, 4);
    text.copy(buffer, headerBytes);
    buffer.writeUInt32LE(version, mailboxBytes - 4);
    writeSync(fd, buffer, 0, mailboxBytes, 0);
  };
}

/**
 * Reads the mailbox at the open `fd` into what was there last.
 *
 * @returns a function that gives the latest letters: the former ones where a write was met or the content is not ours.
 */
export function mailboxReader(fd: number): () => Letters {
  const buffer = Buffer.alloc(mailboxBytes);
  let seenVersion = 0;
  let letters = emptyLetters;
  return () => {
    if (readSync(fd, buffer, 0, mailboxBytes, 0) < mailboxBytes) return letters;
    const version = buffer.readUInt32LE(0);
    if (version === seenVersion || version !== buffer.readUInt32LE(mailboxBytes - 4)) return letters;
    const length = Math.min(buffer.readUInt32LE(4), longestTextBytes);
    letters = parsed(buffer.toString('utf8', headerBytes, headerBytes + length)) ?? letters;
    seenVersion = version;
    return letters;
  };
}

/** An evaluator is not trusted: what is not letters is passed over. */
function parsed(text: string): Letters | undefined {
  try {
    const result = lettersSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** The letters as text that fits: the words are shortened, and left out where what JSON makes of them is still too long. */
function fitting(letters: Letters): Buffer {
  for (const wordLength of [longestWordLength, shortWordLength, 0]) {
    const text = Buffer.from(JSON.stringify(shortened(letters, wordLength)));
    if (text.length <= longestTextBytes) return text;
  }
  throw new RangeError('The mailbox is too small for its numbers.'); // they are bounded: this cannot be
}

function shortened(letters: Letters, wordLength: number): Letters {
  const { running, progress } = letters;
  return {
    ...letters,
    running: running && { ...running, name: running.name.slice(0, wordLength) },
    progress: progress?.note === undefined ? progress : { ...progress, note: progress.note.slice(0, wordLength) },
  };
}

/** The machine's monotonic milliseconds: the same in every process, unlike `performance.now()`. */
export function machineNowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
