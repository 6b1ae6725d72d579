import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { writesOf } from '../wire/index.ts';
import type { InputFile } from './packed-input.ts';

const writtenAtOnceBytes = 256 * 1024;

/** Where it is written, and in which portions. */
export interface InputWriting {
  /** What is larger is written beside (default: 256 KB). */
  readonly atOnce?: number;
  /** The most bytes of one write (default: 2^30). */
  readonly aWrite?: number;
}

/** How much room the files take. */
export function bytesOf(files: readonly InputFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Writes an input's files. What is small is written at once. What is large is written by the thread pool, in one call for each GB of a
 * file, which goes on however busy this thread is: the supervisor sees by the sizes that the input is whole.
 *
 * @returns resolves when all is written; `undefined` where it is now. Rejects when nothing is written any more.
 */
export function writeInput(
  files: readonly InputFile[],
  folder: string,
  { atOnce = writtenAtOnceBytes, aWrite }: InputWriting = {},
): Promise<void> | undefined {
  if (bytesOf(files) <= atOnce) {
    // Never into what lies there already.
    for (const file of files)
      writeFileSync(join(folder, file.name), Buffer.concat(file.chunks), { flag: 'wx', mode: 0o600 });
    return undefined;
  }
  return allOf(files.map((file) => writtenBeside(join(folder, file.name), file, aWrite)));
}

/** Waits for all of them, also where one fails: what is still written would outlive its folder. */
async function allOf(writings: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(writings)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** In order, so that it is the size that tells that all of it is there. */
async function writtenBeside(path: string, { chunks, bytes }: InputFile, aWrite: number | undefined): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    let written = 0;
    for (const pieces of writesOf(chunks, aWrite)) {
      const wanted = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const { bytesWritten } = await file.writev(pieces);
      written += bytesWritten;
      if (bytesWritten < wanted) throw new Error(`only ${written} of ${bytes} bytes were written`);
    }
  } finally {
    await file.close();
  }
}
