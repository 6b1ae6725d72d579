import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReplaySubject, type Observable } from 'rxjs';
import type { Clock } from '../clock/index.ts';
import type { JournalledEvent } from '../events/index.ts';
import { DurableLines } from './durable-lines.ts';
import { JournalError, type JournalErrorCode } from './journal-error.ts';
import { openJournalFile, type JournalFile } from './journal-file.ts';
import type { Journal, JournalInternals } from './journal.ts';
import { encodeLine, type LineEvent } from './line.ts';
import { repairEnd, type Repair } from './repair-journal.ts';
import { isUrgent } from './urgent.ts';

/** 32 Mi characters of lines of a few hundred each: minutes of a disk that hangs. */
const maxWaitingCharsDefault = 2 ** 25;

export interface RunJournalOptions {
  readonly file: string;
  readonly runId: string;
  readonly clock: Clock;
  readonly append: boolean;
}

/** The journal behind `openJournal`. */
export class RunJournal implements Journal {
  readonly folder: string;
  readonly file: string;
  readonly #runId: string;
  readonly #append: boolean;
  readonly #lines: DurableLines;
  readonly #repaired = new ReplaySubject<Repair>(1);
  /** The first event that was taken here, as the journal on disk has to end before it. */
  #firstSeq: number | undefined;
  #lastSeq: number | undefined;
  /** Whether nothing is missing so far: from the first gap on, nothing more is claimed. */
  #whole = true;
  #closed: Promise<void> | undefined;

  constructor(
    { file, runId, clock, append }: RunJournalOptions,
    { openFile = openJournalFile, maxWaitingChars = maxWaitingCharsDefault }: JournalInternals,
  ) {
    this.folder = dirname(file);
    this.file = file;
    this.#runId = runId;
    this.#append = append;
    const open = (): Promise<JournalFile> => this.#open(openFile);
    this.#lines = new DurableLines({ path: file, clock, maxWaitingChars, open });
  }

  get durable$(): Observable<number> {
    return this.#lines.durable$;
  }

  get failed$(): Observable<JournalError> {
    return this.#lines.failed$;
  }

  get repaired$(): Observable<Repair> {
    return this.#repaired.asObservable();
  }

  get lost(): number {
    return this.#lines.lost;
  }

  append(event: JournalledEvent): void {
    if ((event.type as string) === 'step') return;
    try {
      this.#take(event);
    } catch (cause) {
      this.#lose('JOURNAL_WRITE', `The event ${event.seq} (${event.type}) cannot be written into ${this.file}.`, cause);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#lines.close().finally(() => {
      this.#repaired.complete();
    });
    return this.#closed;
  }

  #take(event: JournalledEvent): void {
    const { seq, type } = event;
    const urgent = isUrgent(event);
    if (this.#lastSeq !== undefined && seq <= this.#lastSeq) {
      this.#lose(
        'JOURNAL_ORDER',
        `The event ${seq} (${type}) came after ${this.#lastSeq}: it is left out of ${this.file}.`,
      );
    } else if (this.#closed !== undefined) {
      this.#lose('JOURNAL_CLOSED', `The event ${seq} (${type}) came after ${this.file} was closed: it is left out.`);
    } else if (!this.#lines.hasRoom(urgent)) {
      this.#lose('JOURNAL_FULL', `The journal ${this.file} takes no more events for now: too much waits for the disk.`);
    } else {
      const text = encodeLine(event);
      this.#standFor(event);
      this.#lines.push({ text, urgent, claim: this.#whole ? seq : undefined });
      this.#firstSeq ??= seq;
      this.#lastSeq = seq;
    }
  }

  /** Before an event that does not follow the last one, a line that tells how many are missing. */
  #standFor({ seq, at, runId }: JournalledEvent): void {
    if (this.#lastSeq === undefined || seq === this.#lastSeq + 1) return;
    this.#whole = false;
    const from = this.#lastSeq + 1;
    const gap: LineEvent = {
      type: 'dropped',
      seq: from,
      at,
      runId,
      what: 'journal',
      count: seq - from,
      untilSeq: seq - 1,
    };
    this.#lines.push({ text: encodeLine(gap), urgent: false, claim: undefined });
  }

  #lose(code: JournalErrorCode, message: string, cause?: unknown): void {
    this.#lines.lose(new JournalError(code, message, { path: this.file, cause }));
  }

  /** Looks whether this run may go on with what is there, repairs that, and opens it; called again after a failure. */
  async #open(openFile: (path: string) => Promise<JournalFile>): Promise<JournalFile> {
    const last = this.#append ? await this.#lastThere() : undefined;
    const file = await openFile(this.file);
    try {
      // It was looked at before; but another program may have begun there since.
      if (last === undefined && file.bytes > 0) throw journalExists(this.file);
      if (last === undefined) return file;
      // What was written before this process began may never have been synced.
      await file.datasync();
      this.#lines.claim(last);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #lastThere(): Promise<number | undefined> {
    if ((await sizeOf(this.file)) === 0) return undefined;
    const { repair, last } = await repairEnd(this.file);
    if (repair.repaired) this.#repaired.next(repair);
    if (last === undefined) return undefined;
    const seq = last.untilSeq ?? last.seq;
    const problem = this.#problemWith(last, seq);
    if (problem !== undefined) throw new JournalError(...problem, { path: this.file });
    this.#lastSeq ??= seq;
    return seq;
  }

  #problemWith(last: LineEvent, seq: number): [code: JournalErrorCode, message: string] | undefined {
    if (last.runId !== this.#runId)
      return ['JOURNAL_FOREIGN', `${this.file} is the journal of the run "${last.runId}", not of "${this.#runId}".`];
    if (last.type === 'run:end')
      return ['JOURNAL_FINISHED', `The run "${this.#runId}" has ended: nothing can be added to ${this.file}.`];
    if (this.#firstSeq !== undefined && this.#firstSeq !== seq + 1)
      return [
        'JOURNAL_ORDER',
        `${this.file} ends with the event ${seq}, but the event ${this.#firstSeq} was to follow it.`,
      ];
    return undefined;
  }
}

/** The error of a new run whose journal is there already. */
export function journalExists(file: string): JournalError {
  return new JournalError(
    'JOURNAL_EXISTS',
    `There is a journal already, ${file}: a new run needs a runId of its own; to go on with that run, resume it.`,
    { path: file },
  );
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
