import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputFile } from './packed-input.ts';

const writtenAtOnceBytes = 256 * 1024;

/** How much room the files take. */
export function bytesOf(files: readonly InputFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Writes an input's files. What is small is written at once. What is large is written by the thread pool, in one call a file, which
 * goes on however busy this thread is: the supervisor sees by the sizes that the input is whole.
 *
 * @returns resolves when all is written; `undefined` where it is now
 */
export function writeInput(files: readonly InputFile[], folder: string): Promise<void> | undefined {
  if (bytesOf(files) <= writtenAtOnceBytes) {
    // Never into what lies there already.
    for (const file of files)
      writeFileSync(join(folder, file.name), Buffer.concat(file.chunks), { flag: 'wx', mode: 0o600 });
    return undefined;
  }
  return Promise.all(files.map((file) => writtenBeside(join(folder, file.name), file))).then(() => undefined);
}

/** One call: it is the size that tells that all of it is there. */
async function writtenBeside(path: string, { chunks, bytes }: InputFile): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    const { bytesWritten } = await file.writev([...chunks]);
    if (bytesWritten < bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes were written`);
  } finally {
    await file.close();
  }
}
