/** How much one side may have written that the other has not read: as much as a pipe of Linux holds. */
const roomBytes = 65_536;

/** Before the bytes: how many were written and read in all (both wrap around), and whether the reader wants to hear of more. */
const [writtenAt, readAt, wantedAt] = [0, 1, 2];
const headerBytes = 12;

/** Makes the memory of a pipe between two threads: both sides see it, and what was written stays when its writer is ended. */
export function pipeMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + roomBytes);
}

/**
 * Writes into a pipe: the bytes are there when this returns. While it is full the thread waits, so that a flood holds up who makes
 * it. One writer.
 *
 * @param onWanted called where the reader has asked to hear of more
 */
export function pipeWriter(memory: SharedArrayBuffer, onWanted: () => void): (bytes: Uint8Array) => void {
  const { counters, place } = partsOf(memory);
  return (bytes) => {
    let rest = bytes;
    while (rest.length > 0) {
      const written = Atomics.load(counters, writtenAt);
      const read = Atomics.load(counters, readAt);
      const now = rest.subarray(0, roomBytes - heldBytes(written, read));
      if (now.length === 0) {
        Atomics.wait(counters, readAt, read);
        continue;
      }
      const from = placeOf(written);
      const untilEnd = now.subarray(0, roomBytes - from);
      place.set(untilEnd, from);
      place.set(now.subarray(untilEnd.length));
      Atomics.add(counters, writtenAt, now.length);
      rest = rest.subarray(now.length);
      if (Atomics.exchange(counters, wantedAt, 0) === 1) onWanted();
    }
  };
}

export interface PipeReader {
  /** Takes a copy of what is there, at once, and makes room. */
  readonly take: () => Buffer;
  /** Asks to hear of more. @returns false where there is something already. */
  readonly want: () => boolean;
}

/** Reads from a pipe. One reader. */
export function pipeReader(memory: SharedArrayBuffer): PipeReader {
  const { counters, place } = partsOf(memory);
  const held = (): number => heldBytes(Atomics.load(counters, writtenAt), Atomics.load(counters, readAt));
  return {
    take: () => {
      const bytes = held();
      const from = placeOf(Atomics.load(counters, readAt));
      const untilEnd = place.subarray(from, Math.min(roomBytes, from + bytes));
      const taken = Buffer.concat([untilEnd, place.subarray(0, bytes - untilEnd.length)]);
      Atomics.add(counters, readAt, bytes);
      Atomics.notify(counters, readAt);
      return taken;
    },
    want: () => {
      Atomics.store(counters, wantedAt, 1);
      // Written between the last look and the asking: nobody would tell of it.
      return held() === 0;
    },
  };
}

function partsOf(memory: SharedArrayBuffer): { readonly counters: Int32Array; readonly place: Uint8Array } {
  return { counters: new Int32Array(memory, 0, 3), place: new Uint8Array(memory, headerBytes, roomBytes) };
}

/** Right also where the counters have wrapped around; never more than fits, whatever they say. */
function heldBytes(written: number, read: number): number {
  return Math.min(roomBytes, Math.max(0, (written - read) | 0));
}

/** The room is a power of two, so a counter that wraps around stays in step with it. */
function placeOf(counter: number): number {
  return (counter >>> 0) % roomBytes;
}
