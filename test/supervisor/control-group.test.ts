import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identityOf } from '../../src/probes/index.ts';
import { ownGroupFolder } from '../../src/supervisor/control-group-folders.ts';
import { ControlGroup, ControlGroups } from '../../src/supervisor/control-group.ts';

const unified = '32 31 0:29 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate';
const hybrid = [
  '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd',
  '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw',
].join('\n');
const container = '32 31 0:29 /docker/abc /sys/fs/cgroup ro,relatime - cgroup2 cgroup rw';

describe('ownGroupFolder', () => {
  it.each([
    ['the machine’s first group', unified, '0::/\n', '/sys/fs/cgroup'],
    ['a session', unified, '0::/user.slice/session-1.scope\n', '/sys/fs/cgroup/user.slice/session-1.scope'],
    ['a hybrid machine', hybrid, '8:pids:/p\n4:memory:/m\n0::/job\n', '/sys/fs/cgroup/unified/job'],
    ['a container that sees the whole path', container, '0::/docker/abc/job\n', '/sys/fs/cgroup/job'],
    ['a container’s own root', container, '0::/docker/abc\n', '/sys/fs/cgroup'],
    ['a name with a blank', unified.replace('/cgroup ', '/c\\040g '), '0::/a\n', '/sys/fs/c g/a'],
    ['a name that only begins with dots', unified, '0::/..a\n', '/sys/fs/cgroup/..a'],
  ])('finds it for %s', (_, mountinfo, cgroup, folder) => {
    expect(ownGroupFolder(mountinfo, cgroup)?.folder).toBe(folder);
  });

  it.each([
    ['version 1 alone', hybrid.split('\n')[0]!, '4:memory:/\n'],
    ['a mount without a path of version 2', unified, '4:memory:/\n'],
    ['a group outside of the mount', container, '0::/docker/other\n'],
    ['a group outside of the namespace', unified, '0::/../other\n'],
    ['no files at all', '', ''],
  ])('finds none for %s', (_, mountinfo, cgroup) => {
    expect(ownGroupFolder(mountinfo, cgroup)).toBeUndefined();
  });
});

/** A folder of files, in place of the kernel's. */
const folderWith = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

describe('ControlGroup', () => {
  it('knows the processor time of all that was in it, and what it knew last', () => {
    const folder = folderWith({ 'cpu.stat': 'usage_usec 0\nuser_usec 0\n' });
    const group = new ControlGroup(folder);
    expect(group.cpuMs()).toBeNull();

    writeFileSync(join(folder, 'cpu.stat'), 'usage_usec 2500\nuser_usec 2000\n');
    expect(group.cpuMs()).toBe(2.5);

    rmSync(folder, { recursive: true });
    expect(group.cpuMs()).toBe(2.5);
    expect(new ControlGroup(folder).cpuMs()).toBeNull();
  });

  it.each([
    ['populated 1\nfrozen 0\n', true],
    ['populated 0\nfrozen 1\n', false],
    ['', false],
  ])('reads %j', (events, expected) => {
    expect(new ControlGroup(folderWith({ 'cgroup.events': events })).isPopulated()).toBe(expected);
  });

  it('counts the kernel’s kills for memory', () => {
    const group = new ControlGroup(folderWith({ 'memory.events': 'low 0\noom 3\noom_kill 2\noom_group_kill 1\n' }));

    expect(group.outOfMemoryKills()).toBe(2);
  });

  it('knows the processes of the groups below it, and none of another namespace', () => {
    const folder = folderWith({ 'cgroup.procs': '12\n0\n' });
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'below', 'cgroup.procs'), '34\n');

    expect(new ControlGroup(folder).pids()).toEqual([12, 34]);
  });

  it('is empty where it has vanished, and counts as removed', () => {
    const group = new ControlGroup('/nowhere/at/all');

    expect(group.kill()).toBe(false);
    expect(group.isPopulated()).toBe(false);
    expect(group.pids()).toEqual([]);
    expect(group.outOfMemoryKills()).toBe(0);
    expect(group.remove()).toBe(true);
  });

  it('counts least beside others, and as much as they at its end', () => {
    const folder = folderWith({ 'cpu.weight': '100\n' });
    const group = new ControlGroup(folder);
    const weight = (): string => readFileSync(join(folder, 'cpu.weight'), 'latin1');

    group.weigh('least');
    expect(weight()).toBe('1');
    group.weigh('normal');
    expect(weight()).toBe('100');
  });

  it('has no weight where the kernel weighs no groups', () => {
    const folder = folderWith();

    new ControlGroup(folder).weigh('least');

    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not removed while something is in it', () => {
    expect(new ControlGroup(folderWith({ held: '' })).remove()).toBe(false);
  });
});

describe('ControlGroups', () => {
  it('puts the memory’s limit above that of the evaluation, and allows no swap', () => {
    const group = new ControlGroups(folderWith(), true).create('a', 1000)!;

    const content = (name: string): string => readFileSync(join(group.path, name), 'latin1');
    expect(content('memory.max')).toBe(String(1314 * 2 ** 20));
    expect(content('memory.swap.max')).toBe('0');
    expect(content('memory.oom.group')).toBe('1');
  });

  it.each([
    [false, 1000],
    [true, undefined],
    [true, Infinity],
  ])('limits no memory where there is no controller (%s) or no limit (%s)', (holdsMemory, memoryMb) => {
    const group = new ControlGroups(folderWith(), holdsMemory).create('a', memoryMb)!;

    expect(readdirSync(group.path)).toEqual([]);
  });

  it('makes no path of an id, and nothing where nothing can be made', () => {
    const folder = folderWith();
    const groups = new ControlGroups(folder, false);

    expect(groups.create('../b/c')?.path).toMatch(/^[^.]*___b_c$/);
    expect(groups.create('../b/c')).toBeUndefined();
    expect(new ControlGroups('/nowhere', false).create('a')).toBeUndefined();
  });

  it('finds the groups of supervisors that are gone, and only those', () => {
    const folder = folderWith();
    const groups = new ControlGroups(folder, false);
    const own = groups.create('mine')!;
    const [namespace, , begun] = identityOf(process.pid).split('-');
    const gone = `pitwall-${namespace ?? ''}-${process.pid}-${Number(begun) - 1}-theirs`;
    for (const name of [gone, 'pitwall-1-2-3-other-namespace', 'pitwall-of-nobody', 'user.slice'])
      mkdirSync(join(folder, name));

    expect(groups.left().map(({ path }) => path)).toEqual([join(folder, gone)]);
    expect(groups.sweep()).toBe(true);
    expect(readdirSync(folder)).not.toContain(gone);
    expect(readdirSync(folder)).toContain(own.path.split('/').at(-1));
  });

  it('kills what is left of them, and says that it is not over', () => {
    const folder = folderWith();
    const groups = new ControlGroups(folder, false);
    const [namespace, , begun] = identityOf(process.pid).split('-');
    const left = join(folder, `pitwall-${namespace ?? ''}-${process.pid}-${Number(begun) - 1}-theirs`);
    mkdirSync(left);
    writeFileSync(join(left, 'cgroup.events'), 'populated 1\n');

    expect(groups.sweep()).toBe(false);
    expect(readFileSync(join(left, 'cgroup.kill'), 'latin1')).toBe('1');
  });
});
