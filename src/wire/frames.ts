import { writeSync } from 'node:fs';

/** A longer line is no message of ours: it is dropped. */
const longestFrameBytes = 1 << 20;

/** Writes one message as a line, and returns when it is in the pipe: also from code that never lets its loop run again. */
export function writeFrame(fd: number, message: unknown): void {
  // A line of its own, also after what somebody else has left unfinished there.
  let bytes = Buffer.from(`\n${JSON.stringify(message)}\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      // The pipe is full and was made non-blocking by somebody: try again until there is room.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/**
 * Cuts a stream of bytes into messages. What is not JSON, or longer than 1 MB, is skipped: who writes may not be trusted.
 *
 * @returns a function that takes each chunk as it comes.
 */
export function frameReader(onFrame: (message: unknown) => void): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const take = (line: string): void => {
    // To find out that this is no JSON costs more than a message.
    if (line === '') return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return;
    }
    onFrame(message);
  };
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const tooLong = restBytes + end - from > longestFrameBytes;
      if (!tooLong) take(lineOf(rest, chunk, from, end));
      rest = [];
      restBytes = 0;
      from = end + 1;
    }
    restBytes += chunk.length - from;
    // Of an endless line only the length is kept.
    if (restBytes <= longestFrameBytes && from < chunk.length) rest.push(chunk.subarray(from));
    else if (restBytes > longestFrameBytes) rest = [];
  };
}

function lineOf(before: readonly Buffer[], chunk: Buffer, from: number, end: number): string {
  if (before.length === 0) return chunk.toString('utf8', from, end);
  return Buffer.concat([...before, chunk.subarray(from, end)]).toString();
}
