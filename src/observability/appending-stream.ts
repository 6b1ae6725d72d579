import { close, mkdirSync, openSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';

/**
 * Appends to a file. A write that fails, as on a full disk, is told to `onLost` and the next one is tried again: the stream
 * itself never errors.
 *
 * @throws the system's error when the file cannot be opened.
 */
export function appendingStream(path: string, onLost: () => void): Writable {
  const descriptor = openForAppend(path);
  return new Writable({
    highWaterMark: 2 ** 20,
    write: (line: Buffer, _encoding, done) => {
      write(descriptor, line, (error, written) => {
        if (error !== null || written < line.length) onLost();
        done();
      });
    },
    final: (done) => {
      close(descriptor, () => {
        done();
      });
    },
  });
}

/** Opens a file at its end; its folder is made if only that one is missing. @throws the system's error. */
export function openForAppend(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(path));
    return openSync(path, 'a');
  }
}
