import { lettersReader, type Letters } from '../wire/index.ts';
import { headerBytes, type LetterboxMemory } from './thread-mailbox.ts';

/** A write takes microseconds: after so many looks that met one, the former letters have to do. */
const reads = 100;

/** Reads the latest letters; the former ones while a write goes on. */
export function sharedLettersReader({ letters }: LetterboxMemory): () => Letters {
  const version = new Int32Array(letters, 0, 1);
  const place = Buffer.from(letters, headerBytes);
  return lettersReader((into) => {
    for (let read = 0; read < reads; read++) {
      const before = Atomics.load(version, 0);
      into.set(place);
      if (before % 2 === 0 && before === Atomics.load(version, 0)) return true;
    }
    return false;
  });
}
