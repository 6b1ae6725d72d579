import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AwaitedInput } from '../../src/supervisor/awaited-input.ts';

function awaited() {
  const folder = join(mkdtempSync(join(tmpdir(), 'pitwall-input-')), 'own');
  mkdirSync(folder);
  const path = join(folder, 'input');
  return { path, folder, input: new AwaitedInput({ name: 'held-out', inputs: [{ path, bytes: 3 }] }) };
}

const lost = { kind: 'failed', code: 'INPUT_NOT_READABLE' };

describe('an input that is awaited', () => {
  it('is whole when its file has its size', () => {
    const { path, input } = awaited();
    expect([input.isWhole, input.lost()]).toEqual([false, undefined]);

    writeFileSync(path, 'ab');
    expect([input.isWhole, input.lost()]).toEqual([false, undefined]);
    writeFileSync(path, 'abc');

    expect([input.isWhole, input.lost()]).toEqual([true, undefined]);
  });

  const asFile = (folder: string): void => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
  };
  const asLink = (path: string): void => {
    rmSync(path);
    symlinkSync(path, path);
  };
  const spoiling: readonly [string, (path: string) => void][] = [
    ['nothing', rmSync],
    ['a link round and round', asLink],
    [
      'no folder',
      (path: string) => {
        rmSync(dirname(path), { recursive: true });
      },
    ],
    [
      'a file for its folder',
      (path: string) => {
        asFile(dirname(path));
      },
    ],
  ];

  it.each(spoiling)('is lost, and nothing throws, when %s is in its place', (_what, spoil) => {
    const { path, input } = awaited();
    writeFileSync(path, 'abc');
    input.lost();

    spoil(path);

    expect(input.isWhole).toBe(false);
    expect(input.lost()).toMatchObject(lost);
  });

  it('is lost when its folder has become a file before it was seen', () => {
    const { folder, input } = awaited();

    asFile(folder);

    expect(input.lost()).toMatchObject(lost);
  });
});
