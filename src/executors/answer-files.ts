import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { EvaluationError } from '../sla/index.ts';
import { fill } from './npy-file.ts';

/** Whose answer it is, where it lies, and how large it may be. */
export interface AnswerPlace {
  readonly folder: string;
  readonly name: string;
  readonly maxResultMb: number;
}

/**
 * The files of one answer. Who wrote them is not trusted: only plain files inside the evaluation's folder are opened, neither links
 * nor pipes, and only while all that were measured together are under the limit.
 */
export class AnswerFiles {
  readonly #place: AnswerPlace;
  /** By the path, however it was written. */
  readonly #measured = new Map<string, number>();
  #measuredBytes = 0;

  constructor(place: AnswerPlace) {
    this.#place = place;
  }

  /** The whole path of a file, which is the same however it was written: `w.npy`, `./w.npy`. */
  at(path: string): string {
    return resolve(this.#place.folder, path);
  }

  /**
   * Counts a file to the answer, once.
   *
   * @param path absolute, or relative to the folder
   * @throws {EvaluationError} `RESULT_TOO_LARGE`, before anything of it is read; {@link UnusableFile} for what is no plain file here.
   */
  async measure(path: string): Promise<void> {
    const whole = this.at(path);
    const bytes = await this.#with(whole, (_file, size) => Promise.resolve(size));
    const all = this.#measuredBytes - (this.#measured.get(whole) ?? 0) + bytes;
    this.#measured.set(whole, bytes);
    this.#measuredBytes = all;
    const { name, maxResultMb } = this.#place;
    if (all <= maxResultMb * 2 ** 20) return;
    const megabytes = (all / 2 ** 20).toFixed(1);
    const message = `The result of "${name}" is ${megabytes} MB, the limit is ${maxResultMb} MB: return less, or raise maxResultMb.`;
    throw new EvaluationError('rejected', 'RESULT_TOO_LARGE', message);
  }

  /** Reads a measured file, and no more of it than was measured. */
  read<T>(path: string, read: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> {
    const whole = this.at(path);
    return this.#with(whole, (file, size) => read(file, Math.min(size, this.#measured.get(whole) ?? 0)));
  }

  /** The bytes of a measured file. */
  bytes(path: string): Promise<Buffer> {
    return this.read(path, async (file, bytes) => {
      const memory = Buffer.allocUnsafeSlow(bytes);
      await fill(memory, file, 0);
      return memory;
    });
  }

  async #with<T>(path: string, use: (file: FileHandle, bytes: number) => Promise<T>): Promise<T> {
    const file = await this.#open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new UnusableFile('is no plain file');
      return await use(file, stat.size);
    } finally {
      await file.close();
    }
  }

  async #open(path: string): Promise<FileHandle> {
    try {
      const [folder, parent] = await Promise.all([realpath(this.#place.folder), realpath(dirname(path))]);
      if (parent !== folder && !parent.startsWith(folder + sep))
        throw new UnusableFile("lies outside the evaluation's folder: write it beside {output}");
      // Neither a link out of the folder nor a pipe that would never end.
      return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') throw new MissingFile('is not there');
      if (code === 'ELOOP') throw new UnusableFile('is a link: write the file itself');
      if (code === undefined) throw error;
      throw new UnusableFile(`cannot be opened (${code})`);
    }
  }
}

/** A file that cannot be taken; the message is the end of a sentence that begins with the file. */
export class UnusableFile extends TypeError {}

export class MissingFile extends UnusableFile {}
