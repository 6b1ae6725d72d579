import fs from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { appendingStream } from '../../src/observability/appending-stream.ts';

type Done = (error: Error | null, written: number) => void;

/** Lets only so many bytes into a file, write by write; after that there is room for all. */
function withRooms(...rooms: number[]): void {
  const { write } = fs;
  const limited = (descriptor: number, buffer: Buffer, done: Done): void => {
    const room = rooms.shift() ?? buffer.length;
    if (room === 0) done(new Error('ENOSPC'), 0);
    else write(descriptor, buffer.subarray(0, room), done);
  };
  const spy = vi.spyOn(fs, 'write').mockImplementation(limited as never);
  syncBuiltinESMExports();
  onTestFinished(() => {
    spy.mockRestore();
    syncBuiltinESMExports();
  });
}

it.each<[string, number[], string, number]>([
  ['in the middle of a line', [2], 'on\ntwo\nthree\n', 1],
  ['in the middle of a line, and full once more', [2, 0], 'on\nthree\n', 2],
  ['in the middle of a line, and full after its line break', [2, 1], 'on\nthree\n', 2],
  ['at the end of a line', [4, 0], 'one\nthree\n', 1],
])('a disk that is full %s tears no other line', async (_, rooms, text, lost) => {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-torn-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const onLost = vi.fn();
  withRooms(...rooms);

  const stream = appendingStream(join(folder, 'training.log'), onLost);
  for (const line of ['one\n', 'two\n', 'three\n'])
    await new Promise((resolve) => {
      stream.write(line, resolve);
    });
  stream.end();
  await finished(stream);

  expect(await readFile(join(folder, 'training.log'), 'utf8')).toBe(text);
  expect(onLost).toHaveBeenCalledTimes(lost);
});
