import type { JournalFile } from './journal-file.ts';

/** A file that knows how much of it is on the disk itself, and can go back to that after a failure. */
export class SyncedFile {
  readonly #open: () => Promise<JournalFile>;
  #file: JournalFile | undefined;
  #writtenBytes = 0;
  #syncedBytes = 0;
  #certain = true;

  constructor(open: () => Promise<JournalFile>) {
    this.#open = open;
  }

  /** Opens the file at the first call; after {@link distrust} cuts off what was not synced. */
  async ready(): Promise<void> {
    if (this.#file === undefined) {
      this.#file = await this.#open();
      this.#writtenBytes = this.#syncedBytes = this.#file.bytes;
    } else if (!this.#certain) {
      await this.#file.truncate(this.#syncedBytes);
      this.#writtenBytes = this.#syncedBytes;
    }
    this.#certain = true;
  }

  /** Appends all of the text, in as many writes as the system makes of it. */
  async write(text: string): Promise<void> {
    let left: Uint8Array = Buffer.from(text);
    while (left.length > 0) {
      const taken = await this.#opened.write(left);
      if (taken === 0) throw new Error('the file takes no more bytes');
      this.#writtenBytes += taken;
      left = left.subarray(taken);
    }
  }

  async sync(): Promise<void> {
    const bytes = this.#writtenBytes;
    await this.#opened.datasync();
    this.#syncedBytes = bytes;
  }

  /** After a failed write nobody knows what was taken; after a failed sync the system may have forgotten all that was not synced. */
  distrust(): void {
    this.#certain = false;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  get #opened(): JournalFile {
    if (this.#file === undefined) throw new Error('ready() comes before all else');
    return this.#file;
  }
}
