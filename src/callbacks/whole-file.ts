import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder, syncFolder } from '../journal/index.ts';
import { temporaryName } from './checkpoint-name.ts';

/** So much is hashed at a time on the training's thread: half a millisecond or so. */
const chunkBytes = 512 * 2 ** 10;

/** The pieces of what is in memory, as {@link writeWhole} takes them. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
}

/** The same of what is in a file, which is opened when the first is asked for. */
export async function* piecesOfFile(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>;
}

/**
 * Writes a file that is there whole, and on the disk itself, or not at all: under another name in the same folder, and then renamed.
 * Its folder is made where there is none.
 *
 * @param assertWanted called with the SHA-256 of what was written, before the file gets its name; what it throws keeps it from that
 * @returns that SHA-256, in hexadecimal digits.
 * @throws what the disk, the content or `assertWanted` say; nothing is left then.
 */
export async function writeWhole(
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  assertWanted: (hash: string) => void = () => undefined,
): Promise<string> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  await makeFolder(folder);
  try {
    const hash = await written(temporary, content);
    assertWanted(hash);
    await rename(temporary, path);
    await syncFolder(folder);
    return hash;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}

async function written(path: string, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<string> {
  const handle = await open(path, 'w');
  try {
    const hash = createHash('sha256');
    for await (const piece of content) {
      const writing = handle.writeFile(piece);
      hash.update(piece); // meanwhile
      await writing;
    }
    await handle.datasync();
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}
