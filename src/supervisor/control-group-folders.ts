import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** A folder in which control groups may be made, if that is allowed. */
export interface GroupFolder {
  readonly folder: string;
  /** Whether the groups in it have a limit of memory. Looked at only when it is to be used: it may have to be switched on. */
  readonly holdsMemory: () => boolean;
}

/** Where control groups may be made for this process, the best first. */
export function groupFolders(): readonly GroupFolder[] {
  const own = ownGroupFolder(contentOf('/proc/self/mountinfo'), contentOf('/proc/self/cgroup'));
  if (own === undefined) return [];
  const { folder, mount } = own;
  // Where processes are in a group, its children have no controller of memory: but beside it they may.
  const beside = folder === mount ? undefined : dirname(folder);
  const besides = beside !== undefined && hasMemory(join(beside, 'cgroup.subtree_control')) ? [beside] : [];
  return [
    ...besides.map((each) => ({ folder: each, holdsMemory: () => true })),
    { folder, holdsMemory: () => memoryIsOn(folder) },
  ];
}

/**
 * The folder of this process's own group (version 2), from the text of /proc/self/mountinfo and /proc/self/cgroup, and where its
 * hierarchy is mounted. `undefined` where there is none, or it lies outside of what is mounted, as it may in a container.
 */
export function ownGroupFolder(
  mountinfo: string,
  cgroup: string,
): { readonly folder: string; readonly mount: string } | undefined {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  const line = mountinfo.split('\n').find((each) => each.includes(' - cgroup2 '));
  const [, , , root, mount] = line?.split(' ').map(unescaped) ?? [];
  if (path === undefined || root === undefined || mount === undefined) return undefined;
  const inside = posix.relative(root, path);
  if ([path, root, inside].some(leadsUp)) return undefined;
  return { folder: join(mount, inside), mount };
}

/** So the kernel tells of a group outside of this process's namespace. */
function leadsUp(path: string): boolean {
  return path.split('/').includes('..');
}

/** The kernel writes a blank, a tabulator, a line's end and a backslash as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** Switched on if it can be: only the machine's first group may have both processes and controllers below it. */
function memoryIsOn(folder: string): boolean {
  const control = join(folder, 'cgroup.subtree_control');
  if (hasMemory(control)) return true;
  if (!hasMemory(join(folder, 'cgroup.controllers'))) return false;
  try {
    writeFileSync(control, '+memory');
  } catch {
    return false;
  }
  return hasMemory(control);
}

function hasMemory(path: string): boolean {
  return contentOf(path).trim().split(' ').includes('memory');
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
