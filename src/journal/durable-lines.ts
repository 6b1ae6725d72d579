import { ReplaySubject, type Observable } from 'rxjs';
import type { Clock } from '../clock/index.ts';
import { reasonOf } from '../errors/index.ts';
import { JournalError } from './journal-error.ts';
import type { JournalFile } from './journal-file.ts';
import { SyncedFile } from './synced-file.ts';

/** A line on its way to the disk. */
export interface Line {
  /** Ends with a newline. */
  readonly text: string;
  /** What `durable$` may say once this line is on disk; `undefined` when it may say no more. */
  readonly claim: number | undefined;
  /** To be on disk as soon as can be; a line that is not waits for the next that is, or at most a second. */
  readonly urgent: boolean;
}

export interface DurableLinesOptions {
  /** For the sentences of errors. */
  readonly path: string;
  readonly clock: Clock;
  /** Called at once, and again a second after it failed. A {@link JournalError} of it is final. */
  readonly open: () => Promise<JournalFile>;
  /** How many characters may wait for the disk; the second half of it is kept for urgent lines. */
  readonly maxWaitingChars: number;
}

const syncWithinMs = 1000;
const retryAfterMs = 1000;
/** The most that goes into one write, so that making its bytes is no long pause. */
const groupChars = 2 ** 20;

/**
 * Brings lines to a file, in order and in groups, and nobody waits for it.
 *
 * A line is kept until it is synced. When the disk fails, the file is cut back to what was synced, and a second later the rest
 * is written again: so what `durable$` says holds after a failed sync too, and a disk that was full for a while costs nothing.
 */
export class DurableLines {
  readonly #options: DurableLinesOptions;
  readonly #file: SyncedFile;
  readonly #durable = new ReplaySubject<number>(1);
  readonly #failed = new ReplaySubject<JournalError>(1);
  /** All that is not durable yet, in order; the first `#written` of them are in the file. */
  #lines: Line[] = [];
  #written = 0;
  #waitingChars = 0;
  #syncDue = false;
  #state: 'idle' | 'working' | 'failing' | 'over' = 'idle';
  #work: Promise<void> = Promise.resolve();
  #cancelSync: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #told = false;
  #lost = 0;

  constructor(options: DurableLinesOptions) {
    this.#options = options;
    this.#file = new SyncedFile(options.open);
    this.#wake();
  }

  /** The highest claim that is on disk with all before it; replays the latest, completes at the close. */
  get durable$(): Observable<number> {
    return this.#durable.asObservable();
  }

  /** Emits the first failure, also to late subscribers; completes at the close. */
  get failed$(): Observable<JournalError> {
    return this.#failed.asObservable();
  }

  /** How many events were given up. */
  get lost(): number {
    return this.#lost;
  }

  /** Whether another line may be pushed. */
  hasRoom(urgent: boolean): boolean {
    const { maxWaitingChars } = this.#options;
    return this.#state !== 'over' && this.#waitingChars < (urgent ? maxWaitingChars : maxWaitingChars / 2);
  }

  /** Takes a line; it never waits and never throws. */
  push(line: Line): void {
    this.#lines.push(line);
    this.#waitingChars += line.text.length;
    this.#cancelSync ??= this.#options.clock.setTimeout(() => {
      this.#cancelSync = undefined;
      this.#syncDue = this.#lines.length > 0;
      this.#wake();
    }, syncWithinMs);
    this.#wake();
  }

  /** Counts an event that will not be written, and tells why unless something was told before. */
  lose(why: JournalError): void {
    this.#lost++;
    this.#tell(why);
  }

  /** Tells what whoever opened the file found there, on disk already. */
  claim(seq: number): void {
    this.#durable.next(seq);
  }

  /** Writes and syncs what waits, with one last try where the disk fails, and closes the file. It rejects never. */
  async close(): Promise<void> {
    await this.#work;
    this.#cancelRetry?.();
    if (this.#state !== 'over') {
      this.#syncDue = this.#lines.length > 0;
      await this.#attempt();
      this.#giveUp();
    }
    try {
      await this.#file.close();
    } catch (error) {
      this.#tell(this.#failureOf(error));
    }
    this.#durable.complete();
    this.#failed.complete();
  }

  /** Begins in a microtask, so that all events of one moment go into one write. */
  #wake(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'working';
    this.#work = Promise.resolve().then(() => this.#attempt());
  }

  async #attempt(): Promise<void> {
    try {
      await this.#file.ready();
      while (this.#written < this.#lines.length || this.#syncDue) {
        if (this.#written < this.#lines.length) await this.#writeGroup();
        if (this.#syncDue) await this.#sync();
      }
      this.#state = 'idle';
    } catch (error) {
      this.#fail(error);
    }
  }

  async #writeGroup(): Promise<void> {
    const group: Line[] = [];
    for (let chars = 0; chars < groupChars;) {
      const line = this.#lines[this.#written + group.length];
      if (line === undefined) break;
      group.push(line);
      chars += line.text.length;
    }
    await this.#file.write(group.map(({ text }) => text).join(''));
    this.#written += group.length;
    this.#syncDue ||= group.some(({ urgent }) => urgent);
  }

  async #sync(): Promise<void> {
    this.#syncDue = false;
    const count = this.#written;
    await this.#file.sync();
    const synced = this.#lines.splice(0, count);
    this.#written -= count;
    for (const { text } of synced) this.#waitingChars -= text.length;
    const claim = synced.findLast((line) => line.claim !== undefined)?.claim;
    if (claim !== undefined) this.#durable.next(claim);
  }

  #fail(error: unknown): void {
    this.#tell(this.#failureOf(error));
    if (error instanceof JournalError) {
      this.#giveUp();
      return;
    }
    this.#file.distrust();
    this.#written = 0;
    this.#syncDue = true;
    this.#state = 'failing';
    this.#cancelRetry = this.#options.clock.setTimeout(() => {
      this.#state = 'idle';
      this.#wake();
    }, retryAfterMs);
  }

  #giveUp(): void {
    this.#state = 'over';
    this.#cancelRetry?.();
    this.#cancelSync?.();
    this.#lost += this.#lines.length;
    this.#lines = [];
    this.#written = this.#waitingChars = 0;
  }

  #tell(error: JournalError): void {
    if (this.#told) return;
    this.#told = true;
    this.#failed.next(error);
  }

  #failureOf(error: unknown): JournalError {
    if (error instanceof JournalError) return error;
    const { path } = this.#options;
    return new JournalError(
      'JOURNAL_WRITE',
      `The journal ${path} cannot be written (${reasonOf(error)}); the run goes on, and it is tried again every second.`,
      { path, cause: error },
    );
  }
}
