import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AnswerFiles } from '../../src/executors/answer-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-answer-'));
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), Buffer.alloc(0.6 * 2 ** 20));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the files of an answer, of 1 MB together', () => {
  it('count once each, however often and in whatever way they are named', async () => {
    const files = new AnswerFiles({ folder, name: 'vs-random', maxResultMb: 1 });

    for (const path of ['a', './a', join(folder, 'a'), 'a']) await files.measure(path);

    expect(await files.bytes('./a')).toHaveLength(Math.floor(0.6 * 2 ** 20));
  });

  it('count together', async () => {
    const files = new AnswerFiles({ folder, name: 'vs-random', maxResultMb: 1 });
    await files.measure('a');

    await expect(files.measure('b')).rejects.toThrow('The result of "vs-random" is 1.2 MB, the limit is 1 MB');
  });
});
