import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Of one stream of one evaluation: what comes after this much is left out of the file, but for the last words. */
const longestLogBytes = 2 ** 20;
const lastWordsBytes = 4096;
const mostUnwrittenBytes = 2 ** 18;

/**
 * One output stream of one evaluation as a file, capped: the beginning, a line about what was left out, and the last words. The
 * file is made with the first byte.
 */
export class OutputLog {
  readonly #path: string | undefined;
  #file: FileHandle | undefined;
  #written = 0;
  #leftOut = 0;
  #lost = 0;
  #unwritten = 0;
  #writing = Promise.resolve();
  #lastWords = Buffer.alloc(0);

  /** @param folder where the file is made; without one only the last words are kept */
  constructor(folder: string | undefined, name: string) {
    this.#path = folder === undefined ? undefined : join(folder, `${name}.log`);
  }

  /** How many bytes are in no file. */
  get leftOut(): number {
    return Math.max(0, this.#leftOut - this.#lastWords.length) + this.#lost;
  }

  /** Takes a chunk. @returns what to wait for before the next, where much is still to be written. Never rejects. */
  take(chunk: Buffer): Promise<void> | undefined {
    const room = this.#path === undefined ? 0 : Math.max(0, longestLogBytes - this.#written);
    const rest = chunk.subarray(room);
    this.#leftOut += rest.length;
    if (rest.length > 0) this.#lastWords = lastBytes(this.#lastWords, rest, lastWordsBytes);
    if (room === 0) return undefined;
    const written = this.#write(chunk.subarray(0, room));
    return this.#unwritten > mostUnwrittenBytes ? written : undefined;
  }

  /** Writes the last words, if they are not there yet, and closes the file. */
  async close(): Promise<void> {
    if (this.#leftOut > 0 && this.#path !== undefined) {
      const leftOut = this.#leftOut - this.#lastWords.length;
      const note = leftOut > 0 ? `\n… ${leftOut} bytes were left out here …\n` : '';
      void this.#write(Buffer.concat([Buffer.from(note), this.#lastWords]));
    }
    await this.#writing;
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  /** One after the other. A full disk loses lines, and nothing else. */
  #write(bytes: Buffer): Promise<void> {
    this.#written += bytes.length;
    this.#unwritten += bytes.length;
    this.#writing = this.#writing.then(async () => {
      try {
        if (this.#file === undefined) {
          await madeFolder(dirname(this.#path ?? ''));
          this.#file = await open(this.#path ?? '', 'a');
        }
        await this.#file.appendFile(bytes);
      } catch {
        this.#lost += bytes.length;
      }
      this.#unwritten -= bytes.length;
    });
    return this.#writing;
  }
}

/** Makes a folder and the one above it: not `recursive`, which tries for ever where a file system makes no folders. */
async function madeFolder(folder: string): Promise<void> {
  for (const each of [dirname(folder), folder]) {
    await mkdir(each).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** The last bytes of both, in a memory of their own: a view would hold the whole chunk. Of a large chunk nothing else is copied. */
export function lastBytes(before: Buffer, chunk: Buffer, bytes: number): Buffer<ArrayBuffer> {
  if (chunk.length >= bytes) return Buffer.from(chunk.subarray(-bytes));
  return Buffer.concat([before.subarray(-(bytes - chunk.length)), chunk]);
}
