import { close, mkdirSync, openSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';

const lineBreak = Buffer.from('\n');

/**
 * Appends lines to a file; those that come while it writes go into its next write, together. A write that fails, as on a full disk,
 * is told to `onLost`, once a line that is not all in the file, and the next one is tried again, on a line of its own: the stream
 * itself never errors.
 *
 * @throws the system's error when the file cannot be opened.
 */
export function appendingStream(path: string, onLost: () => void): Writable {
  const descriptor = openForAppend(path);
  /** Whether the file ends with the beginning of a line. */
  let isTorn = false;
  const append = (lines: readonly Buffer[], done: () => void): void => {
    const head = isTorn ? lineBreak : Buffer.alloc(0);
    write(descriptor, Buffer.concat([head, ...lines]), (error, written) => {
      const taken = error === null ? written : 0;
      let end = head.length;
      let whole = end;
      for (const { length } of lines) {
        end += length;
        if (end > taken) onLost();
        else whole = end;
      }
      if (taken > 0) isTorn = taken > whole;
      done();
    });
  };
  return new Writable({
    highWaterMark: 2 ** 20,
    write: (line: Buffer, _encoding, done) => {
      append([line], done);
    },
    writev: (chunks, done) => {
      append(
        chunks.map(({ chunk }) => chunk as Buffer),
        done,
      );
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
