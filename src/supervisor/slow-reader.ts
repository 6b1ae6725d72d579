import type { Readable } from 'node:stream';

const windowMs = 10;
const bytesAWindow = 32_768;

/** A stream of which about 32 KB are read in 10 ms: a flood fills the pipe and holds up who makes it, and nobody else. */
export class SlowReader {
  readonly #stream: Readable;
  #isHurried = false;

  /** @param take gets each chunk; while its promise is pending nothing more is read. It must not reject. */
  constructor(stream: Readable, take: (chunk: Buffer) => Promise<unknown> | void) {
    this.#stream = stream;
    let windowEndsMs = 0;
    let bytesInWindow = 0;
    stream.on('data', (chunk: Buffer) => {
      const taken = take(chunk);
      const nowMs = performance.now();
      if (nowMs >= windowEndsMs) {
        windowEndsMs = nowMs + windowMs;
        bytesInWindow = 0;
      }
      bytesInWindow += chunk.length;
      // Who says little is heard at once.
      const isFlood = bytesInWindow > bytesAWindow && !this.#isHurried;
      if (!isFlood && taken === undefined) return;
      stream.pause();
      const resume = (): void => {
        stream.resume();
      };
      void (taken ?? Promise.resolve()).then(() => {
        if (isFlood && !this.#isHurried) setTimeout(resume, windowMs);
        else resume();
      });
    });
    stream.on('error', () => undefined); // the process is gone: nothing more to read
  }

  /** Reads the rest without pausing; resolves when the stream has ended. */
  async toEnd(): Promise<void> {
    this.#isHurried = true;
    const stream = this.#stream;
    if (stream.readableEnded || stream.destroyed) return;
    const ended = new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
    stream.resume();
    await ended;
  }
}
