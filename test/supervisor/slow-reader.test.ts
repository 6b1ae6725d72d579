import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SlowReader } from '../../src/supervisor/slow-reader.ts';

const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader for which each piece takes a millisecond of a clock of its own. */
function costly() {
  const stream = new PassThrough();
  const pieces: Buffer[] = [];
  let nowMs = 0;
  const take = (piece: Buffer): void => {
    nowMs += 1;
    pieces.push(piece);
  };
  const reader = new SlowReader(stream, take, { pieceBytes: 1024, nowMs: () => nowMs });
  return { stream, pieces, reader };
}

/** A reader whose taker never has done with what it was given. */
function neverDone() {
  const stream = new PassThrough();
  const taken: string[] = [];
  const reader = new SlowReader(stream, (piece) => {
    taken.push(piece.toString());
    return new Promise<void>(() => undefined);
  });
  return { stream, taken, reader };
}

describe('a slow reader', () => {
  it('works for 3 ms at a stretch, however much has come', async () => {
    const { stream, pieces } = costly();

    stream.write(Buffer.alloc(16_384));
    await aTurn();

    expect(pieces).toHaveLength(3);
    expect(stream.isPaused()).toBe(true);
    stream.destroy();
  });

  it('lets others have their turn also when it reads to the end, which is when all is taken', async () => {
    const { stream, pieces, reader } = costly();
    const text = Array.from({ length: 5000 }, (_, index) => `${index}\n`).join('');
    const counts: number[] = [];
    const read = { isWhole: false };

    stream.end(text);
    void reader.toEnd().then(() => {
      read.isWhole = true;
    });
    while (!read.isWhole) {
      counts.push(pieces.length);
      await aTurn();
    }

    expect(Buffer.concat(pieces).toString()).toBe(text);
    // Two turns of 3 ms may meet between two looks, but for the last of the one or the first of the other.
    expect(Math.max(...counts.map((count, look) => count - (counts[look - 1] ?? 0)))).toBeLessThan(6);
  });

  it('reads nothing more while somebody has not done with what it took', async () => {
    const { stream, taken } = neverDone();

    stream.write('one');
    await aTurn();
    stream.write('two');
    await aTurn();

    expect(taken).toEqual(['one']);
    stream.destroy();
  });

  /** Node resumes the streams of a process that has ended, whoever had paused them: pieces of a frame once changed places. */
  it('keeps the order of what comes although it is held, because somebody else has resumed the stream', async () => {
    const { stream, pieces, reader } = costly();
    const first = 'a'.repeat(8_192);
    const second = 'b'.repeat(2_048);

    stream.write(first);
    await aTurn();
    const takenBefore = reader.takenBytes;
    stream.resume();
    stream.end(second);
    await aTurn();
    await reader.toEnd();

    expect(takenBefore).toBeLessThan(first.length);
    // Without the letters that repeat the one before: 'ab' is the order kept, 'aba' is not.
    expect(
      Buffer.concat(pieces)
        .toString()
        .replaceAll(/(.)\1+/g, '$1'),
    ).toBe('ab');
    expect(reader.takenBytes).toBe(first.length + second.length);
  });

  it('waits for nobody in a hurry, and again after it', async () => {
    const { stream, taken, reader } = neverDone();
    stream.write('one');
    await aTurn();

    reader.hurry();
    for (const text of ['two', 'three']) {
      stream.write(text);
      await aTurn();
    }
    reader.relax();
    for (const text of ['four', 'five']) {
      stream.write(text);
      await aTurn();
    }

    expect(taken).toEqual(['one', 'two', 'three', 'four']);
    expect(reader.takenBytes).toBe('onetwothreefour'.length);
    stream.destroy();
  });
});
