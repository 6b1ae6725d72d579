import type { Readable } from 'node:stream';

const windowMs = 10;
const bytesAWindow = 32_768;
/** So long at a stretch, and then others have their turn: what a line costs is up to who writes it. */
const turnMs = 3;

export interface SlowReaderOptions {
  /** How much is taken at once, and may cost more than a turn; 1 KB unless told. */
  readonly pieceBytes?: number;
  readonly nowMs?: () => number;
}

/** What came of a turn: what to wait for, what is still to be taken, and whether the time for it is up. */
interface Turn {
  readonly taken: Promise<unknown> | undefined;
  readonly rest: Buffer;
  readonly isOver: boolean;
}

/**
 * A stream of which about 32 KB are read in 10 ms, and worked on for 3 ms: a flood fills the pipe and holds up who makes it, and
 * nobody else.
 */
export class SlowReader {
  readonly #stream: Readable;
  readonly #take: (piece: Buffer) => Promise<unknown> | void;
  readonly #pieceBytes: number;
  readonly #nowMs: () => number;
  #windowEndsMs = 0;
  #bytesInWindow = 0;
  /** Of the present turn of the loop, in which many chunks may come. */
  #turnEndsMs: number | undefined;
  #takenBytes = 0;
  #isHurried = false;
  #wake: () => void = () => undefined;
  /** While the rest of a chunk is taken, or is waited for. */
  #held: Promise<void> | undefined;
  /** What came although it is held: when a process ends, Node resumes its streams. */
  readonly #backlog: Buffer[] = [];

  /**
   * @param take gets each piece; while its promise is pending nothing more is read, but in a hurry: so it bounds by itself what it
   * holds. It must not reject.
   */
  constructor(
    stream: Readable,
    take: (piece: Buffer) => Promise<unknown> | void,
    { pieceBytes = 1024, nowMs = () => performance.now() }: SlowReaderOptions = {},
  ) {
    this.#stream = stream;
    this.#take = take;
    this.#pieceBytes = pieceBytes;
    this.#nowMs = nowMs;
    stream.on('data', (chunk: Buffer) => {
      if (this.#held !== undefined) {
        this.#backlog.push(chunk);
        stream.pause();
        return;
      }
      const isFlood = this.#isFlood(chunk.length);
      const turn = this.#turn(chunk);
      // Who says little is heard at once.
      if (isFlood || turn.taken !== undefined || turn.isOver) this.#hold(turn, isFlood);
    });
    stream.on('error', () => undefined); // the process is gone: nothing more to read
  }

  /** How much was taken in all. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** From here on nothing is waited for. */
  hurry(): void {
    this.#isHurried = true;
    this.#wake();
  }

  /** The end of a hurry. */
  relax(): void {
    this.#isHurried = false;
  }

  /** Reads the rest in a hurry; resolves when the stream has ended, and all of it is taken. */
  async toEnd(): Promise<void> {
    this.hurry();
    const stream = this.#stream;
    if (!stream.readableEnded && !stream.destroyed)
      await new Promise((resolve) => stream.once('end', resolve).once('close', resolve));
    while (this.#held !== undefined) await this.#held;
  }

  #isFlood(bytes: number): boolean {
    const nowMs = this.#nowMs();
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + windowMs;
      this.#bytesInWindow = 0;
    }
    this.#bytesInWindow += bytes;
    return this.#bytesInWindow > bytesAWindow && !this.#isHurried;
  }

  /** Takes piece by piece until all is taken, the time is up, or something is to be waited for. */
  #turn(bytes: Buffer): Turn {
    const endsMs = this.#turnEnd();
    let rest = bytes;
    while (rest.length > 0) {
      const piece = rest.subarray(0, this.#pieceBytes);
      rest = rest.subarray(piece.length);
      this.#takenBytes += piece.length;
      const taken = this.#take(piece);
      const isOver = this.#nowMs() >= endsMs;
      if (taken !== undefined && !this.#isHurried) return { taken, rest, isOver };
      if (isOver) return { taken: undefined, rest, isOver };
    }
    return { taken: undefined, rest, isOver: false };
  }

  #turnEnd(): number {
    if (this.#turnEndsMs === undefined) {
      this.#turnEndsMs = this.#nowMs() + turnMs;
      setImmediate(() => (this.#turnEndsMs = undefined));
    }
    return this.#turnEndsMs;
  }

  #hold(turn: Turn, isFlood: boolean): void {
    this.#stream.pause();
    this.#held = this.#takeRest(turn, isFlood).then(() => {
      const next = this.#backlog.shift();
      if (next !== undefined) {
        this.#hold(this.#turn(next), isFlood);
        return;
      }
      this.#held = undefined;
      this.#stream.resume();
    });
  }

  async #takeRest(first: Turn, isFlood: boolean): Promise<void> {
    let turn = first;
    for (;;) {
      if (turn.taken !== undefined) await this.#unlessHurried(turn.taken);
      if (turn.isOver) await this.#breath();
      if (turn.rest.length === 0) break;
      turn = this.#turn(turn.rest);
    }
    if (isFlood && !turn.isOver) await this.#breath();
  }

  /** A flood gets a part of the time that there is; what is read to its end only lets others in between. */
  async #breath(): Promise<void> {
    if (this.#isHurried) await new Promise(setImmediate);
    else await this.#unlessHurried(new Promise((resolve) => setTimeout(resolve, windowMs)));
  }

  async #unlessHurried(waited: Promise<unknown>): Promise<void> {
    if (this.#isHurried) return;
    await Promise.race([waited, new Promise<void>((resolve) => (this.#wake = resolve))]);
  }
}
