import type { FileHandle } from 'node:fs/promises';
import { npyArray, npyHeaderBytes, npyLength, parseNpyHeader, type NpyArray } from './npy.ts';

const longestReadBytes = 2 ** 30;

/**
 * Reads an open `.npy` file of `bytes` bytes into memory of the array's own.
 *
 * @throws {TypeError} what the file is instead, as the end of a sentence that begins with the file.
 */
export async function readNpyFile(file: FileHandle, bytes: number): Promise<NpyArray> {
  const head = new Uint8Array(Math.min(bytes, npyHeaderBytes));
  await fill(head, file, 0);
  const header = parseNpyHeader(Buffer.from(head.buffer));
  const wanted = npyLength(header.shape) * header.itemBytes;
  const there = bytes - header.offset;
  if (wanted > there)
    throw new TypeError(
      `is cut short: its shape (${header.shape.join(', ')}) wants ${wanted} bytes, ${there} are there`,
    );
  const values = new Uint8Array(wanted);
  await fill(values, file, header.offset);
  return npyArray(header, values.buffer);
}

/** Reads until `memory` is full; what has become shorter meanwhile is an error. */
export async function fill(memory: Uint8Array, file: FileHandle, from: number): Promise<void> {
  for (let at = 0; at < memory.length;) {
    const { bytesRead } = await file.read(memory, at, Math.min(memory.length - at, longestReadBytes), from + at);
    if (bytesRead === 0) throw new TypeError('became shorter while it was read');
    at += bytesRead;
  }
}
