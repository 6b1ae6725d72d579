import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from './folders.ts';

/** The file behind a journal: what a disk does and how it fails. A test gives its own. */
export interface JournalFile {
  /** How long the file was when it was opened. */
  readonly bytes: number;
  /** Writes at the end. @returns how many bytes were taken, which may be fewer than given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Resolves when what was written is on the disk itself. */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file to append to it; makes it, and the folders above it, where they are missing. */
export async function openJournalFile(path: string): Promise<JournalFile> {
  const folder = dirname(path);
  await makeFolder(folder);
  const handle = await open(path, 'a');
  try {
    await syncFolder(folder);
    await syncFolder(dirname(folder));
    const { size } = await handle.stat();
    return {
      bytes: size,
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      datasync: () => handle.datasync(),
      truncate: (bytes) => handle.truncate(bytes),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
