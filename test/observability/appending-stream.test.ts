import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { appendingStream } from '../../src/observability/appending-stream.ts';

const lines = ['one\n', 'two, a longer one\n', 'three\n', 'four: é\n'];

describe('appendingStream', () => {
  it('appends all lines, in order', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pitwall-append-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'new', 'training.log');
    let lost = 0;

    for (const half of [lines.slice(0, 3), lines.slice(3)]) {
      const stream = appendingStream(file, () => lost++);
      for (const line of half) stream.write(line);
      stream.end();
      await finished(stream);
    }

    expect(await readFile(file, 'utf8')).toBe(lines.join(''));
    expect(lost).toBe(0);
  });

  it('writes what came meanwhile at once, and tells of each line that is lost', async () => {
    let turn = 0;
    const lostIn: number[] = [];
    const stream = appendingStream('/dev/full', () => {
      lostIn.push(turn);
      queueMicrotask(() => turn++);
    });

    for (const line of lines) stream.write(line);
    stream.end();
    await finished(stream);

    expect(lostIn).toEqual([0, 1, 1, 1]);
  });
});
