import { describe, expect, it } from 'vitest';
import { pipeMemory, pipeReader, pipeWriter } from '../../src/executors/thread-pipe.ts';

const room = 65_536;

/** Bytes that tell their place: as many as wanted, each after the one before, over all calls. */
function counting() {
  let next = 0;
  return (length: number): Uint8Array => Uint8Array.from({ length }, () => next++ % 251);
}

function pipe() {
  const memory = pipeMemory();
  let wanted = 0;
  return { ...pipeReader(memory), write: pipeWriter(memory, () => wanted++), memory, wanted: () => wanted };
}

describe('a pipe between two threads', () => {
  it('is empty at first', () => {
    expect(pipe().take()).toHaveLength(0);
  });

  it.each([1, 1000, room - 1, room])('gives %i bytes as they were written, time after time', (length) => {
    const { write, take } = pipe();
    const [written, expected] = [counting(), counting()];

    for (let round = 0; round < 7; round++) {
      write(written(length));
      expect(take().equals(expected(length))).toBe(true);
    }
  });

  it('gives many writes as one', () => {
    const { write, take } = pipe();

    for (const text of ['one\n', '', 'two\n']) write(Buffer.from(text));

    expect(take().toString()).toBe('one\ntwo\n');
  });

  it('goes on where its counters wrap around', () => {
    const { write, take, memory } = pipe();
    new Int32Array(memory, 0, 2).fill(2 ** 31 - 3);

    write(Uint8Array.of(1, 2, 3, 4, 5, 6));

    expect([...take()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('tells of the first bytes after it was asked to, and then no more until it is asked again', () => {
    const { write, want, take, wanted } = pipe();
    write(Uint8Array.of(1));
    expect(wanted()).toBe(0);

    expect(want()).toBe(false);
    take();
    expect(want()).toBe(true);
    write(Uint8Array.of(2));
    write(Uint8Array.of(3));

    expect(wanted()).toBe(1);
  });
});
