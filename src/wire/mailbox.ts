import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { type Letters } from './letters.ts';

/** Version before, length, text, version after: a reader that sees two versions has met a write and looks again. */
export const mailboxBytes = 2048;
export const headerBytes = 8;
export const longestTextBytes = mailboxBytes - headerBytes - 4;
const longestWordLength = 200;
/** Of control characters, each of which JSON writes as six. */
const shortWordLength = 100;

/**
 * Makes an empty mailbox at `path`: a small shared file of letters, where the latest value wins, so that telling cannot flood, and is
 * there before the evaluator blocks its loop.
 *
 * @returns its descriptor, to read from: at the path there may be a pipe in the next moment, and opening that would take for ever.
 */
export function createMailbox(path: string): number {
  // Never what lies there already, for the same reason.
  const fd = openSync(path, 'wx+', 0o600);
  try {
    writeFileSync(fd, Buffer.alloc(mailboxBytes));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** A mailbox that is written to. */
export interface MailboxWriter {
  /** Has written when it returns, in a few microseconds; nothing once it is closed. */
  readonly write: (letters: Letters) => void;
  readonly close: () => void;
}

/** Opens the mailbox at `path` for its one writer. */
export function mailboxWriter(path: string): MailboxWriter {
  const fd = openSync(path, 'r+');
  let isOpen = true;
  const write = lettersWriter((content) => writeSync(fd, content, 0, mailboxBytes, 0));
  return {
    // Its descriptor may be another file's by then.
    write: (letters) => {
      if (isOpen) write(letters);
    },
    close: () => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

/** Writes letters to any store of {@link mailboxBytes}; `store` has copied the content when it returns. */
export function lettersWriter(store: (content: Buffer) => void): (letters: Letters) => void {
  const buffer = Buffer.alloc(mailboxBytes);
  let version = 0;
  return (letters) => {
    const text = fitting(letters);
    version = (version + 1) >>> 0;
    buffer.writeUInt32LE(version, 0);
    buffer.writeUInt32LE(text.length, 4);
    text.copy(buffer, headerBytes);
    buffer.writeUInt32LE(version, mailboxBytes - 4);
    store(buffer);
  };
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
