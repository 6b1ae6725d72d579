import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameReader, writeFrame } from '../../src/wire/index.ts';

const readAll = (chunks: readonly Buffer[]): unknown[] => {
  const frames: unknown[] = [];
  chunks.forEach(frameReader((frame) => frames.push(frame)));
  return frames;
};

describe('frames', () => {
  it('arrive whole, however the bytes were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), fc.integer({ min: 1, max: 20 }), (messages, size) => {
        const bytes = Buffer.from(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );

        expect(readAll(chunks)).toEqual(JSON.parse(JSON.stringify(messages)));
      }),
      { seed: 1 },
    );
  });

  it('that are no JSON are skipped, and what follows is read', () => {
    expect(readAll([Buffer.from('{"a":\n{"b":2}\n')])).toEqual([{ b: 2 }]);
  });

  it('are read after what somebody has left unfinished', () => {
    expect(readAll([Buffer.from('unfinished'), Buffer.from('\n{"b":2}\n')])).toEqual([{ b: 2 }]);
  });

  it('without an end keep no memory, and what follows is read', () => {
    const endless = Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, 'x'));

    expect(readAll([...endless, Buffer.from('\n{"b":2}\n')])).toEqual([{ b: 2 }]);
  });

  it('are in the file when writing returns', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'frames');
    const fd = openSync(path, 'w');
    writeFrame(fd, { type: 'ready' });

    expect(readFileSync(path, 'utf8')).toBe('\n{"type":"ready"}\n');
    closeSync(fd);
  });
});
