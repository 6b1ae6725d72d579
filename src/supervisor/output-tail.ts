import type { Readable } from 'node:stream';

const keptBytes = 4096;
const pauseMs = 10;
const patienceMs = 50;

/**
 * Reads what an evaluator prints, keeps the last 4 KB, and reads slowly: a flood fills the pipe and so holds up the evaluator that
 * makes it, and nobody else.
 */
export class OutputTail {
  readonly #streams: readonly Readable[];
  #kept = Buffer.alloc(0);
  #isHurried = false;

  constructor(streams: readonly Readable[]) {
    this.#streams = streams;
    for (const stream of streams) {
      stream.on('data', (chunk: Buffer) => {
        this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-keptBytes);
        if (this.#isHurried) return;
        stream.pause();
        setTimeout(() => stream.resume(), pauseMs);
      });
      stream.on('error', () => undefined); // the process is gone: nothing more to read
    }
  }

  /** The last 4 KB, once its processes are gone and what they left in the pipes is read: the last words tell most. */
  async lastWords(): Promise<string> {
    this.#isHurried = true;
    const open = this.#streams.filter((stream) => !stream.readableEnded && !stream.destroyed);
    if (open.length > 0) {
      const ended = Promise.all(open.map((stream) => new Promise((resolve) => stream.once('end', resolve))));
      open.forEach((stream) => stream.resume());
      // Somebody who was not found may hold the pipe: then what is there has to do.
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)));
      await Promise.race([ended, patience]);
      clearTimeout(timer);
    }
    return this.#kept.toString('utf8');
  }
}
