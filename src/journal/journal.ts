import type { Observable } from 'rxjs';
import type { JournalledEvent } from '../events/index.ts';
import type { JournalError } from './journal-error.ts';
import type { JournalFile } from './journal-file.ts';
import type { Repair } from './repair-journal.ts';

/** The record of one run, being written. */
export interface Journal {
  /** The run's folder, `<folder>/<runId>`. */
  readonly folder: string;
  /** The journal itself, `<folder>/<runId>/events.jsonl`. */
  readonly file: string;
  /**
   * Takes an event. It is encoded before this returns, as live objects in it may change, and written later; `step` is ignored.
   * It never waits and never throws.
   */
  append(event: JournalledEvent): void;
  /**
   * The highest `seq` that is on the disk itself with all before it. Nothing at first; the latest is replayed to late
   * subscribers; completes at the close; never errors.
   */
  readonly durable$: Observable<number>;
  /**
   * Emits once, when the disk fails first or an event cannot be taken; replayed; completes at the close. The journal tries again
   * every second and keeps what waits, within bounds.
   */
  readonly failed$: Observable<JournalError>;
  /** Emits once, if the journal that was there had a torn last line; replayed; completes at the close. */
  readonly repaired$: Observable<Repair>;
  /** How many events were given up: they are not in the journal, and `durable$` stops before the first of them. */
  readonly lost: number;
  /** Writes and syncs what waits and closes the file. Does not reject: what could not be written is told by `failed$`. */
  close(): Promise<void>;
}

/** What a test puts in the place of the disk and its bounds. */
export interface JournalInternals {
  readonly openFile?: (path: string) => Promise<JournalFile>;
  readonly maxWaitingChars?: number;
}
