import { describe, expect, it } from 'vitest';
import { sharedLettersReader } from '../../src/executors/thread-letters-reader.ts';
import {
  letterboxMemory,
  partialKeeper,
  partialReader,
  sharedLettersWriter,
} from '../../src/executors/thread-mailbox.ts';
import { emptyLetters } from '../../src/wire/index.ts';

const bytesOf = (...bytes: number[]) => ({
  bytes: bytes.length,
  copyTo: (into: Uint8Array) => {
    into.set(bytes);
  },
});

describe('letters in shared memory', () => {
  it('are empty at first, and then the latest', () => {
    const memory = letterboxMemory();
    const read = sharedLettersReader(memory);
    const write = sharedLettersWriter(memory);
    expect(read()).toEqual(emptyLetters);

    write({ ...emptyLetters, done: 1 });
    write({ ...emptyLetters, done: 2, running: { name: 'game 3', startedMs: 12.5 } });

    expect(read()).toEqual({ ...emptyLetters, done: 2, running: { name: 'game 3', startedMs: 12.5 } });
  });

  it('are the former ones while a write goes on, also where its writer was ended in the middle of it', () => {
    const memory = letterboxMemory();
    const read = sharedLettersReader(memory);
    const write = sharedLettersWriter(memory);
    write({ ...emptyLetters, done: 1 });
    expect(read().done).toBe(1);

    write({ ...emptyLetters, done: 2 });
    Atomics.add(new Int32Array(memory.letters), 0, 1);

    expect(read().done).toBe(1);
  });
});

describe('partial results in shared memory', () => {
  const keeper = () => {
    const memory = letterboxMemory();
    const places: SharedArrayBuffer[] = [];
    const rooms: number[] = [];
    const keep = partialKeeper(memory, (index, place) => {
      places[index] = place;
      rooms.push(place.byteLength);
    });
    return { keep, rooms, places, read: () => partialReader(memory, places) };
  };

  it('are none at first', () => {
    expect(keeper().read()).toBeUndefined();
  });

  it.each([1, 2, 3, 4])('are the last of %i', (count) => {
    const { keep, read } = keeper();

    for (let each = 1; each <= count; each++) keep(bytesOf(each, each));

    expect([...read()!]).toEqual([count, count]);
  });

  it('stay whole while the next is written', () => {
    const { keep, read } = keeper();
    keep(bytesOf(1, 2, 3));
    let during: Uint8Array | undefined;

    keep({
      bytes: 3,
      copyTo: (into) => {
        into[0] = 9;
        during = read();
      },
    });

    expect([...during!]).toEqual([1, 2, 3]);
  });

  it('take the same two places however many they are, and larger ones where they grow', () => {
    const { keep, rooms, read } = keeper();

    for (let each = 0; each < 1000; each++) keep(bytesOf(1));
    expect(rooms).toEqual([65_536, 65_536]);
    for (let kilobytes = 1; kilobytes <= 1024; kilobytes++)
      keep({ bytes: kilobytes * 1024, copyTo: (into) => into.fill(kilobytes % 256, 0, kilobytes * 1024) });

    expect(rooms.length).toBeLessThan(12);
    expect(read()).toHaveLength(2 ** 20);
  });

  it('are no more than what was announced, whatever the sizes say', () => {
    const memory = letterboxMemory();
    new Uint32Array(memory.partials).set([1, 1000, 1000]);

    expect(partialReader(memory, [new SharedArrayBuffer(10)])).toBeUndefined();
  });
});
