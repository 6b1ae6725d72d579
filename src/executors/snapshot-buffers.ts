import { systemClock, type Clock } from '../clock/index.ts';

/** Memory for one copy, until it is given back. */
export interface Snapshot {
  /** Exactly as many bytes as were asked for; what they hold is of a former copy. */
  readonly bytes: Buffer;
  /** The memory may be used again: nobody reads or writes `bytes` any more. A second call changes nothing. */
  readonly release: () => void;
}

/** Below it new memory costs nothing worth keeping the old for. */
const leastKeptBytes = 64 * 2 ** 10;
/** One copy is written while the next one is made. */
const mostKept = 2;
const keptMs = 60_000;

/**
 * Buffers for copies of the training's arrays, used again and again: the first touch of new memory costs as much as the copy.
 *
 * Any number may be out at once. Of those that came back the two largest are kept, for a minute after the last use.
 */
export class SnapshotBuffers {
  readonly #clock: Clock;
  #free: Buffer[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Gives memory for `bytes` bytes.
   *
   * @throws {RangeError} where Node has no buffer of that size.
   */
  take(bytes: number): Snapshot {
    if (bytes < leastKeptBytes) return { bytes: Buffer.allocUnsafeSlow(bytes), release: () => undefined };
    const buffer = this.#smallestFor(bytes) ?? Buffer.allocUnsafeSlow(withMargin(bytes));
    this.#free = this.#free.filter((other) => other !== buffer);
    let isOut = true;
    return {
      bytes: buffer.subarray(0, bytes),
      release: () => {
        if (isOut) this.#keep(buffer);
        isOut = false;
      },
    };
  }

  /** How many buffers wait for their next use. */
  get kept(): number {
    return this.#free.length;
  }

  #smallestFor(bytes: number): Buffer | undefined {
    return this.#free.filter(({ length }) => length >= bytes).toSorted((a, b) => a.length - b.length)[0];
  }

  #keep(buffer: Buffer): void {
    this.#free = [...this.#free, buffer].toSorted((a, b) => b.length - a.length).slice(0, mostKept);
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.setTimeout(() => {
      this.#free = [];
    }, keptMs);
  }
}

/** A little more than asked for, because the next copy has an epoch of one digit more. */
function withMargin(bytes: number): number {
  return Math.ceil(bytes / leastKeptBytes + 1) * leastKeptBytes;
}
