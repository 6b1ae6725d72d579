import { closeSync, constants, fstatSync, openSync, readSync, writevSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { PitwallError } from '../errors/pitwall-error.ts';
import type { PackedValue } from './packed-value.ts';
import { unpackValue, type UnpackOptions } from './unpack-value.ts';

/** As many pieces as the kernel takes at once. */
const mostPieces = 1024;
/** Node reads and writes less than 2 GB at once. */
const mostBytesAtOnce = 2 ** 30;

/**
 * Writes a packed value to a file, out of the arrays' own memory. When it returns all is written.
 *
 * @param atOnce the most bytes of one write
 */
export function writePackedFile(path: string, { chunks }: Pick<PackedValue, 'chunks'>, atOnce = mostBytesAtOnce): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    for (const pieces of writesOf(chunks, atOnce)) writeWhole(fd, pieces);
  } finally {
    closeSync(fd);
  }
}

/**
 * Cuts chunks into what one write takes, in order, without copying them.
 *
 * @param atOnce the most bytes of one write
 */
export function* writesOf(
  chunks: readonly Uint8Array[],
  atOnce = mostBytesAtOnce,
): Generator<readonly Uint8Array[], void> {
  let pieces: Uint8Array[] = [];
  let room = atOnce;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const piece = chunk.subarray(from, from + room);
      pieces.push(piece);
      from += piece.length;
      room -= piece.length;
      if (room > 0 && pieces.length < mostPieces) continue;
      yield pieces;
      pieces = [];
      room = atOnce;
    }
  }
  if (pieces.length > 0) yield pieces;
}

function writeWhole(fd: number, pieces: readonly Uint8Array[]): void {
  let rest = pieces;
  while (rest.length > 0) {
    let written = writevSync(fd, rest);
    rest = rest.flatMap((piece) => {
      const done = Math.min(written, piece.length);
      written -= done;
      return done < piece.length ? [piece.subarray(done)] : [];
    });
  }
}

export interface ReadOptions extends UnpackOptions {
  /** A longer file is refused before anything is made for it (default: any length). */
  readonly maxBytes?: number;
}

// What lies there may be a pipe that never gives a byte, a device that never ends, or a link to either.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a packed value from a file, without keeping the thread while it is read.
 *
 * @throws {PitwallError} as a rejection: `NOT_A_PACKED_VALUE` for what is no regular file, is longer than `maxBytes`, or holds
 * something else; and what the file system says.
 */
export async function readPackedFile(
  path: string,
  { maxBytes = Infinity, ...options }: ReadOptions = {},
): Promise<unknown> {
  const handle = await open(path, readFlags);
  try {
    const file = roomFor(await handle.stat(), maxBytes);
    for (let at = 0; at < file.length;) {
      const { bytesRead } = await handle.read(file, at, Math.min(file.length - at, mostBytesAtOnce), at);
      at += grown(bytesRead);
    }
    return unpackValue(file, options);
  } finally {
    await handle.close();
  }
}

/** As {@link readPackedFile}, and waits for the disk: for a process that has nothing else to do. */
export function readPackedFileSync(path: string, { maxBytes = Infinity, ...options }: ReadOptions = {}): unknown {
  const fd = openSync(path, readFlags);
  try {
    const file = roomFor(fstatSync(fd), maxBytes);
    for (let at = 0; at < file.length;)
      at += grown(readSync(fd, file, at, Math.min(file.length - at, mostBytesAtOnce), at));
    return unpackValue(file, options);
  } finally {
    closeSync(fd);
  }
}

function roomFor(stats: Stats, maxBytes: number): Buffer {
  if (!stats.isFile())
    throw new PitwallError('NOT_A_PACKED_VALUE', 'No regular file lies where a packed value should be.');
  if (stats.size > maxBytes) {
    const message = `The file of a packed value has ${stats.size} bytes, the limit is ${maxBytes}.`;
    throw new PitwallError('NOT_A_PACKED_VALUE', message);
  }
  // Its memory becomes that of the arrays: it is not from the pool, and not filled twice.
  return Buffer.allocUnsafeSlow(stats.size);
}

function grown(bytesRead: number): number {
  if (bytesRead > 0) return bytesRead;
  throw new PitwallError('NOT_A_PACKED_VALUE', 'The file of a packed value became shorter while it was read.');
}
