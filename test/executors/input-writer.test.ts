import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeInput } from '../../src/executors/input-writer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-input-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const fileOf = (name: string, ...chunks: Uint8Array[]) => ({
  name,
  chunks,
  bytes: chunks.reduce((sum, { length }) => sum + length, 0),
});
const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index);

describe('the files of an input', () => {
  it.each([
    ['at once, where they are small', {}],
    ['beside, where they are large', { atOnce: 0 }],
    ['in many writes, where one would be too large', { atOnce: 0, aWrite: 7 }],
  ])('are written %s', async (_, writing) => {
    const files = [fileOf('a', bytes, new Uint8Array(0), bytes.subarray(3, 20)), fileOf('b', bytes), fileOf('none')];

    await writeInput(files, folder, writing);

    expect(readdirSync(folder).toSorted()).toEqual(['a', 'b', 'none']);
    for (const { name, chunks } of files) expect(readFileSync(join(folder, name))).toEqual(Buffer.concat(chunks));
  });

  it('are never written into what lies there', async () => {
    writeFileSync(join(folder, 'b'), 'theirs');

    // The first takes a thousand writes, the second fails before its first.
    const writing = writeInput([fileOf('a', bytes), fileOf('b', bytes)], folder, { atOnce: 0, aWrite: 1 });
    await expect(writing).rejects.toThrow('EEXIST');

    // All the others are written by then: nothing is made in a folder that is removed.
    expect(readFileSync(join(folder, 'a'))).toEqual(Buffer.from(bytes));
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('theirs');
  });
});
