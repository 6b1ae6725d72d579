import { mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packValue, readPackedFile, readPackedFileSync, writePackedFile } from '../../src/wire/index.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'value');
const notPacked = expect.objectContaining({ code: 'NOT_A_PACKED_VALUE' }) as Error;

describe('the file of a packed value', () => {
  it('is read as it was written, either way', async () => {
    const value = { epoch: 3, weights: Float32Array.from({ length: 100_000 }, (_, index) => index) };
    const path = newPath();
    writePackedFile(path, packValue(value));

    expect(await readPackedFile(path)).toEqual(value);
    expect(readPackedFileSync(path)).toEqual(value);
  });

  it('takes more arrays than the kernel takes at once', async () => {
    const value = Array.from({ length: 3000 }, (_, index) => Uint8Array.of(index, 2, 3));
    const path = newPath();
    writePackedFile(path, packValue(value));

    expect(await readPackedFile(path)).toEqual(value);
  });

  it('replaces what lay there, also something longer', async () => {
    const path = newPath();
    writeFileSync(path, 'x'.repeat(10_000));
    writePackedFile(path, packValue('short'));

    expect(await readPackedFile(path)).toBe('short');
  });

  it('is refused above the limit, before anything is made for it', async () => {
    const path = newPath();
    writePackedFile(path, packValue(1));
    truncateSync(path, 2 ** 42); // a file of holes: it costs who wrote it nothing

    await expect(readPackedFile(path, { maxBytes: 2 ** 20 })).rejects.toThrow(
      /4398046511104 bytes, the limit is 1048576/,
    );
    expect(() => readPackedFileSync(path, { maxBytes: 2 ** 20 })).toThrow(notPacked);
  });

  it('is refused where it is a folder, a device or a link', async () => {
    const link = newPath();
    symlinkSync('/etc/hostname', link);

    await expect(readPackedFile(tmpdir())).rejects.toThrow(notPacked);
    await expect(readPackedFile('/dev/zero')).rejects.toThrow(notPacked);
    await expect(readPackedFile(link)).rejects.toThrow(/ELOOP/);
    expect(() => readPackedFileSync('/dev/zero')).toThrow(notPacked);
  });

  it('is an error of the file system where there is none', async () => {
    await expect(readPackedFile(newPath())).rejects.toThrow(/ENOENT/);
  });
});
