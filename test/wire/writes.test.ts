import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packValue, readPackedFile, writePackedFile, writesOf } from '../../src/wire/index.ts';

const chunk = (...values: number[]) => Uint8Array.from(values);
const told = (writes: Iterable<readonly Uint8Array[]>) =>
  [...writes].map((pieces) => pieces.map((piece) => [...piece]));

describe('what one write takes', () => {
  it.each<[string, Uint8Array[], number, number[][][]]>([
    ['nothing', [], 4, []],
    ['no byte', [chunk(), chunk()], 4, []],
    ['all, one byte under the limit', [chunk(1, 2), chunk(3)], 4, [[[1, 2], [3]]]],
    [
      'all, at the limit',
      [chunk(1, 2), chunk(3, 4)],
      4,
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ],
    [
      'the rest in a second one',
      [chunk(1, 2), chunk(3, 4, 5)],
      4,
      [
        [
          [1, 2],
          [3, 4],
        ],
        [[5]],
      ],
    ],
    ['a chunk in as many as it needs', [chunk(1, 2, 3, 4, 5)], 2, [[[1, 2]], [[3, 4]], [[5]]]],
  ])('is %s', (_, chunks, atOnce, writes) => {
    expect(told(writesOf(chunks, atOnce))).toEqual(writes);
  });

  it('is at most 1024 pieces, which are never copies', () => {
    const chunks = Array.from({ length: 1025 }, (_, index) => chunk(index));
    const writes = [...writesOf(chunks)];

    expect(writes.map(({ length }) => length)).toEqual([1024, 1]);
    expect(writes[0]?.[0]?.buffer).toBe(chunks[0]?.buffer);
  });

  it('makes the same file of a packed value', async () => {
    const value = { weights: Float32Array.of(1, 2, 3), step: 7 };
    const path = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'value');

    writePackedFile(path, packValue(value), 5);

    expect(await readPackedFile(path)).toEqual(value);
  });
});
