import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identityOf, isGone } from '../../src/probes/index.ts';
import { removeStaleFolders } from '../../src/supervisor/stale-folders.ts';
import { scratchName, scratchOwner } from '../../src/wire/index.ts';

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)('the folder of a host that is gone', () => {
  it('is removed, and those of living hosts, of strangers and of other namespaces are left', () => {
    const parent = mkdtempSync(join(tmpdir(), 'stale-'));
    const [namespace, pid, begun] = identityOf(process.pid).split('-');
    const folders = {
      mine: scratchName(identityOf(process.pid), 'aa'),
      // The same pid, begun at another time: it was reused.
      reused: scratchName(`${namespace}-${pid}-${Number(begun) - 1}`, 'bb'),
      elsewhere: scratchName(`1-${pid}-${begun}`, 'cc'),
      plain: scratchName('123', 'dd'),
      strange: 'pitwall-something',
      other: 'other-1-2-3-4',
    };
    for (const name of Object.values(folders)) mkdirSync(join(parent, name, '1'), { recursive: true });

    removeStaleFolders([parent, join(parent, 'is-not-there')]);

    const left = Object.entries(folders).filter(([, name]) => existsSync(join(parent, name)));
    expect(left.map(([which]) => which)).toEqual(['mine', 'elsewhere', 'plain', 'strange', 'other']);
  });

  it('is known by its process: one that has ended is gone, this one is not', () => {
    const { pid } = spawnSync('true');
    const [namespace] = identityOf(process.pid).split('-');

    expect(isGone(identityOf(process.pid))).toBe(false);
    expect(isGone(`${namespace}-${pid}-1`)).toBe(true);
    expect(scratchOwner(scratchName('1-2-3', 'token'))).toBe('1-2-3');
  });
});
