import { lettersWriter, mailboxBytes, type Letters } from '../wire/evaluator-side.ts';

/** The memory through which an evaluation's thread tells what must not wait for any event loop: both sides see it. */
export interface LetterboxMemory {
  /** Its version, odd while it is written, and the letters. */
  readonly letters: SharedArrayBuffer;
  /** Which of two places has the last whole partial result (1 or 2, 0 for none), and how many bytes each has. */
  readonly partials: SharedArrayBuffer;
}

/** Before the letters: their version. */
export const headerBytes = 8;
const fewestRoomBytes = 1 << 16;
const reads = 100;

export function letterboxMemory(): LetterboxMemory {
  return { letters: new SharedArrayBuffer(headerBytes + mailboxBytes), partials: new SharedArrayBuffer(12) };
}

/** Writes letters in shared memory: the latest wins, and it is there when this returns. One writer. */
export function sharedLettersWriter({ letters }: LetterboxMemory): (letters: Letters) => void {
  const version = new Int32Array(letters, 0, 1);
  const place = Buffer.from(letters, headerBytes);
  return lettersWriter((content) => {
    Atomics.add(version, 0, 1);
    place.set(content);
    Atomics.add(version, 0, 1);
  });
}

/**
 * Keeps partial results by turns in two places, so that the last whole one stays while the next is written. A place that is too
 * small is replaced by one of at least twice its size, which `onRoom` hears of before.
 *
 * @returns keeps what `copyTo` writes.
 */
export function partialKeeper(
  { partials }: LetterboxMemory,
  onRoom: (index: number, memory: SharedArrayBuffer) => void,
): (partial: { readonly bytes: number; readonly copyTo: (into: Uint8Array) => void }) => void {
  const [last, sizes] = [new Int32Array(partials, 0, 1), new Uint32Array(partials, 4, 2)];
  const places = [new SharedArrayBuffer(0), new SharedArrayBuffer(0)];
  return ({ bytes, copyTo }) => {
    const index = Atomics.load(last, 0) === 1 ? 1 : 0;
    let place = places[index];
    if (place === undefined || place.byteLength < bytes) {
      place = new SharedArrayBuffer(Math.max(fewestRoomBytes, bytes, 2 * (place?.byteLength ?? 0)));
      places[index] = place;
      onRoom(index, place);
    }
    copyTo(new Uint8Array(place));
    Atomics.store(sizes, index, bytes);
    Atomics.store(last, 0, index + 1);
  };
}

/** Reads the last whole partial result. @returns a copy, or `undefined` where there is none or it is being replaced all the time. */
export function partialReader(
  { partials }: LetterboxMemory,
  places: readonly (SharedArrayBuffer | undefined)[],
): Uint8Array<ArrayBuffer> | undefined {
  const [last, sizes] = [new Int32Array(partials, 0, 1), new Uint32Array(partials, 4, 2)];
  for (let read = 0; read < reads; read++) {
    const index = Atomics.load(last, 0) - 1;
    const place = places[index];
    const bytes = Atomics.load(sizes, index === 1 ? 1 : 0);
    if (place === undefined || bytes > place.byteLength) return undefined;
    const copy = new Uint8Array(new Uint8Array(place, 0, bytes));
    // While it was copied the other place may have been filled, and this one begun anew.
    if (Atomics.load(last, 0) - 1 === index) return copy;
  }
  return undefined;
}
