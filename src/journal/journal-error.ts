import { PitwallError } from '../errors/index.ts';
import { journalFormat } from './journal-format.ts';

/**
 * What is wrong with a journal.
 *
 * - `JOURNAL_CORRUPT`: a line in the middle does not hold what was written, or lines are missing
 * - `JOURNAL_NOT_FOUND`: there is no journal where one was to be read
 * - `JOURNAL_EXISTS`: there is one already where a new run was to begin
 * - `JOURNAL_FOREIGN`, `JOURNAL_FINISHED`: it is another run's, or its run has ended, so nothing may be added
 * - `JOURNAL_VERSION`: a newer Pitwall has written it, in a format that this one does not know
 * - `JOURNAL_LOCKED`: another process writes it, or may do so
 * - `JOURNAL_WRITE`: the disk took nothing (full, not writable, …); `cause` has the system's own error
 * - `JOURNAL_FULL`: more waited for the disk than may be kept in memory
 * - `JOURNAL_CLOSED`: an event came after the journal was closed
 * - `JOURNAL_ORDER`: an event did not follow the one before it by `seq`
 */
export type JournalErrorCode =
  | 'JOURNAL_CORRUPT'
  | 'JOURNAL_NOT_FOUND'
  | 'JOURNAL_EXISTS'
  | 'JOURNAL_FOREIGN'
  | 'JOURNAL_FINISHED'
  | 'JOURNAL_VERSION'
  | 'JOURNAL_LOCKED'
  | 'JOURNAL_WRITE'
  | 'JOURNAL_FULL'
  | 'JOURNAL_CLOSED'
  | 'JOURNAL_ORDER';

/** A journal that cannot be read or written. */
export class JournalError extends PitwallError {
  declare readonly code: JournalErrorCode;
  /** The file or folder. */
  readonly path: string;
  /** The line, from 1, where one is to blame. */
  readonly line: number | undefined;

  constructor(
    code: JournalErrorCode,
    message: string,
    { path, line, cause }: { readonly path: string; readonly line?: number; readonly cause?: unknown },
  ) {
    super(code, message, cause === undefined ? undefined : { cause });
    this.path = path;
    this.line = line;
  }

  /** The error of a journal in a format that is not known yet. */
  static ofVersion(path: string, format: number): JournalError {
    return new JournalError(
      'JOURNAL_VERSION',
      `${path} is written in format ${format}, and this Pitwall reads up to ${journalFormat}: use the version of Pitwall that wrote it, or a newer one.`,
      { path },
    );
  }

  /** The error of a line that does not hold what was written. */
  static corrupt(path: string, line: number, why: string): JournalError {
    return new JournalError(
      'JOURNAL_CORRUPT',
      `Line ${line} of ${path} is not what was written there: ${why}. What stands before it can be read once it and all after it are cut off.`,
      { path, line },
    );
  }
}
