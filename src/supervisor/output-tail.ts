import type { Readable } from 'node:stream';

const keptBytes = 4096;
const pauseMs = 10;

/**
 * Reads what an evaluator prints, keeps the last 4 KB, and reads slowly: a flood fills the pipe and so holds up the evaluator that
 * makes it, and nobody else.
 */
export class OutputTail {
  #kept = Buffer.alloc(0);

  constructor(streams: readonly Readable[]) {
    for (const stream of streams) {
      stream.on('data', (chunk: Buffer) => {
        this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-keptBytes);
        stream.pause();
        setTimeout(() => stream.resume(), pauseMs);
      });
      stream.on('error', () => undefined); // the process is gone: nothing more to read
    }
  }

  /** The last 4 KB. */
  text(): string {
    return this.#kept.toString('utf8');
  }
}
