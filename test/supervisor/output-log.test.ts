import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OutputLog } from '../../src/supervisor/output-log.ts';

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'pitwall-log-')), 'evaluation');

/** The files in a folder that this process has open. */
function openIn(folder: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((path) => path.startsWith(folder));
}

describe('the log of a stream', () => {
  it.each(['a file of somebody else', '/dev/null'])('is not written through a link to %s', async (target) => {
    const folder = newFolder();
    mkdirSync(folder);
    const linked = target.startsWith('/') ? target : join(folder, 'other');
    if (!target.startsWith('/')) writeFileSync(linked, 'mine\n');
    symlinkSync(linked, join(folder, 'stdout.log'));

    const log = new OutputLog(folder, 'stdout');
    void log.take(Buffer.from('printed\n'));
    await log.close();

    expect(readFileSync(linked, 'utf8')).toBe(target.startsWith('/') ? '' : 'mine\n');
    expect(log.leftOut).toBe(8);
  });

  it('counts all of a flood as left out where it cannot be written', async () => {
    const log = new OutputLog('/proc/nowhere', 'stdout');
    for (let chunk = 0; chunk < 20; chunk++) void log.take(Buffer.alloc(100_000));
    await log.close();

    expect(log.leftOut).toBe(2_000_000);
  });

  it('once closed opens no file again: what comes later is left out', async () => {
    const folder = newFolder();
    const log = new OutputLog(folder, 'stdout');
    void log.take(Buffer.from('before\n'));
    await log.close();

    const waited = log.take(Buffer.from('after\n'));
    await log.close();

    expect(waited).toBeUndefined();
    expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe('before\n');
    expect(log.leftOut).toBe(6);
    expect(openIn(folder)).toEqual([]);
  });

  it('holds up nobody on a disk that does not answer, and counts what is not there yet', async () => {
    const folder = newFolder();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const path = `${folder}.late`;
    let isOpen = false;
    const log = new OutputLog(folder, 'stdout', {
      openLog: async () => {
        await answered;
        isOpen = true;
        return open(path, 'a');
      },
      patienceMs: 1,
    });
    void log.take(Buffer.from('printed\n'));

    await log.close();

    expect([log.leftOut, isOpen, existsSync(path)]).toEqual([8, false, false]);
    // It is closed also when it comes to be opened after all.
    answer();
    while (log.leftOut > 0 || openIn(path).length > 0) await new Promise(setImmediate);
    expect(readFileSync(path, 'utf8')).toBe('printed\n');
  });
});
