import { createReadStream } from 'node:fs';

/** One line of a file, as bytes without its newline. */
export interface ScannedLine {
  /** From 1. */
  readonly number: number;
  /** Where it begins in the file. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** Only the last line of a file can be without its newline. */
  readonly newline: boolean;
}

const newlineByte = 0x0a;

/**
 * Reads a file once, line by line, in chunks: what it needs in memory is a chunk and the longest line.
 *
 * @param onLine is called for each line in order; what it throws ends the reading and rejects
 * @returns how many bytes the file has.
 */
export async function scanLines(file: string, onLine: (line: ScannedLine) => void): Promise<number> {
  let offset = 0;
  let number = 0;
  let begun: Buffer[] = [];
  const give = (end: Buffer, newline: boolean): void => {
    const bytes = begun.length === 0 ? end : Buffer.concat([...begun, end]);
    begun = [];
    onLine({ number: ++number, offset, bytes, newline });
    offset += bytes.length + (newline ? 1 : 0);
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(newlineByte); at !== -1; at = chunk.indexOf(newlineByte, from)) {
      give(chunk.subarray(from, at), true);
      from = at + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) give(Buffer.alloc(0), false);
  return offset;
}
