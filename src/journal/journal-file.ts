import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from './folders.ts';
import type { JournalError } from './journal-error.ts';
import { takeRunLock, type RunLock } from './run-lock.ts';

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

/**
 * Opens a file to append to it; makes it, and the folders above it, where they are missing. Until it is closed, the run is this
 * process's.
 *
 * @param held the run's lock, where it was taken before
 */
export async function openJournalFile(path: string, held?: RunLock): Promise<JournalFile> {
  const folder = dirname(path);
  await makeFolder(folder);
  const lock = held ?? (await takeLock(folder));
  const handle = await open(path, 'a').catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  try {
    await syncFolder(folder);
    await syncFolder(dirname(folder));
    const { size } = await handle.stat();
    return {
      bytes: size,
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      datasync: () => handle.datasync(),
      truncate: (bytes) => handle.truncate(bytes),
      close: async () => {
        await handle.close();
        await lock.release();
      },
    };
  } catch (error) {
    await handle.close();
    await lock.release();
    throw error;
  }
}

/** A disk that takes no lock now may take one later, as it may the journal: only a lock that is held is final. */
async function takeLock(folder: string): Promise<RunLock> {
  try {
    return await takeRunLock(folder);
  } catch (error) {
    throw (error as JournalError).code === 'JOURNAL_LOCKED' ? error : (error as JournalError).cause;
  }
}
