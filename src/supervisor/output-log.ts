import { constants } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Of one stream of one evaluation: what comes after this much is left out of the file, but for the last words. */
const longestLogBytes = 2 ** 20;
const lastWordsBytes = 4096;
const mostUnwrittenBytes = 2 ** 18;
/** A disk that does not answer may be another machine's: an evaluation's end does not wait for it any longer. */
const closingPatienceMs = 1000;

export interface OutputLogOptions {
  /** Opens a log to be appended to. */
  readonly openLog?: (path: string) => Promise<FileHandle>;
  readonly patienceMs?: number;
}

/**
 * One output stream of one evaluation as a file, capped: the beginning, a line about what was left out, and the last words. The
 * file is made with the first byte.
 */
export class OutputLog {
  readonly #path: string | undefined;
  readonly #openLog: (path: string) => Promise<FileHandle>;
  readonly #patienceMs: number;
  #file: FileHandle | undefined;
  #written = 0;
  #leftOut = 0;
  #lost = 0;
  #unwritten = 0;
  #writing = Promise.resolve();
  #lastWords = Buffer.alloc(0);
  #isClosed = false;

  /** @param folder where the file is made; without one only the last words are kept */
  constructor(
    folder: string | undefined,
    name: string,
    { openLog = openPlainFile, patienceMs = closingPatienceMs }: OutputLogOptions = {},
  ) {
    this.#path = folder === undefined ? undefined : join(folder, `${name}.log`);
    this.#openLog = openLog;
    this.#patienceMs = patienceMs;
  }

  /** How many bytes are in no file. */
  get leftOut(): number {
    return Math.max(0, this.#leftOut - this.#lastWords.length) + this.#lost + this.#unwritten;
  }

  /** Takes a chunk. @returns what to wait for before the next, where much is still to be written. Never rejects. */
  take(chunk: Buffer): Promise<void> | undefined {
    if (this.#isClosed) {
      this.#lost += chunk.length;
      return undefined;
    }
    const room = this.#path === undefined ? 0 : Math.max(0, longestLogBytes - this.#written);
    const rest = chunk.subarray(room);
    this.#leftOut += rest.length;
    if (rest.length > 0) this.#lastWords = lastBytes(this.#lastWords, rest, lastWordsBytes);
    if (room === 0) return undefined;
    const written = this.#write(chunk.subarray(0, room));
    return this.#unwritten > mostUnwrittenBytes ? written : undefined;
  }

  /** Writes the last words and closes the file, for good: what comes later is left out. What a slow disk has not taken yet, too. */
  async close(): Promise<void> {
    if (!this.#isClosed && this.#leftOut > 0 && this.#path !== undefined) {
      const leftOut = this.#leftOut - this.#lastWords.length;
      const note = leftOut > 0 ? `\n… ${leftOut} bytes were left out here …\n` : '';
      void this.#write(Buffer.concat([Buffer.from(note), this.#lastWords]), this.#lastWords.length);
    }
    this.#isClosed = true;
    const closed = this.#writing.then(async () => {
      const file = this.#file;
      this.#file = undefined;
      await file?.close().catch(() => undefined);
    });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, this.#patienceMs)))]);
    clearTimeout(timer);
  }

  /** One after the other. A full disk loses lines, and nothing else. */
  #write(bytes: Buffer, printedBytes = bytes.length): Promise<void> {
    this.#written += bytes.length;
    this.#unwritten += printedBytes;
    this.#writing = this.#writing.then(async () => {
      try {
        this.#file ??= await this.#openLog(this.#path ?? '');
        await this.#file.appendFile(bytes);
      } catch {
        this.#lost += printedBytes;
      }
      this.#unwritten -= printedBytes;
    });
    return this.#writing;
  }
}

/** Never waits for the other end of a pipe, and follows no link. */
const appending =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The evaluator may have put there what it likes: a pipe, a link or a device is no log. */
async function openPlainFile(path: string): Promise<FileHandle> {
  await makeFolder(dirname(path));
  const file = await open(path, appending);
  const stat = await file.stat().catch(() => undefined);
  if (stat?.isFile() === true) return file;
  await file.close();
  throw new Error(`${path} must be a plain file, or not there: remove what lies there.`);
}

/** Makes a folder and the one above it: not `recursive`, which tries for ever where a file system makes no folders. */
async function makeFolder(folder: string): Promise<void> {
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
