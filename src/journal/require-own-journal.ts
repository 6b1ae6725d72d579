import { open } from 'node:fs/promises';
import { JournalError } from './journal-error.ts';

const lineBegin = Buffer.from('{"seq":');

/**
 * Looks whether a file begins like a journal, or like one that was cut off right there: what is no journal at all must not be taken
 * for one whose only line is torn.
 *
 * @throws {JournalError} `JOURNAL_FOREIGN`.
 */
export async function requireOwnJournal(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(lineBegin.length), 0, lineBegin.length, 0);
    const begin = buffer.subarray(0, bytesRead);
    // A file system may have kept the length of what was never written, as zeros.
    if (begin.every((byte) => byte === 0) || begin.equals(lineBegin.subarray(0, bytesRead))) return;
  } finally {
    await handle.close();
  }
  throw new JournalError(
    'JOURNAL_FOREIGN',
    `${file} is no journal of Pitwall, as it does not begin like one: it was left as it is.`,
    { path: file },
  );
}
