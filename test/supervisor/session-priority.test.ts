import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SessionPriority } from '../../src/supervisor/session-priority.ts';

/** A folder as /proc is: the file of each process's session, by its name; 'self' is the training. */
function procWith(files: Readonly<Record<string, string>>): {
  readonly path: string;
  readonly priorities: () => Readonly<Record<string, string>>;
} {
  const path = mkdtempSync(join(tmpdir(), 'proc-'));
  const fileOf = (name: string): string => join(path, name, 'autogroup');
  for (const [name, file] of Object.entries(files)) {
    mkdirSync(join(path, name));
    writeFileSync(fileOf(name), file);
  }
  const read = (name: string): [string, string] => [name, readFileSync(fileOf(name), 'latin1')];
  return { path, priorities: () => Object.fromEntries(Object.keys(files).map(read)) };
}

const training = '/autogroup-7 nice 0\n';
const other = '/autogroup-8 nice 0\n';
const low = '/autogroup-9 nice 19\n';

describe('the priority of sessions', () => {
  it('is given to all but the training’s own, and to none twice', () => {
    const { path, priorities } = procWith({ self: training, 1: training, 2: other, 3: low });

    new SessionPriority(path).give(19, [1, 2, 3, 4]);

    expect(priorities()).toEqual({ self: training, 1: training, 2: '19', 3: low });
  });

  it('is given to all where the training was started in no session, as by a machine’s first process', () => {
    const { path, priorities } = procWith({ self: '', 1: '', 2: other });

    new SessionPriority(path).give(19, [1, 2]);

    expect(priorities()).toEqual({ self: '', 1: '', 2: '19' });
  });

  it('is given to none where sessions are not weighed', () => {
    const { path, priorities } = procWith({ 2: other });

    new SessionPriority(path).give(19, [2]);

    expect(priorities()).toEqual({ 2: other });
  });
});
