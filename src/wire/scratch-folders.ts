import { tmpdir } from 'node:os';

/** Where hosts keep their evaluations' folders: in shared memory, or in the temporary folder where there is no room for one. */
export const scratchParents = (): readonly [string, string] => ['/dev/shm', tmpdir()];

const prefix = 'pitwall-';

/** The name of a host's folder, which tells whose it is. @param token a part that no other host has */
export function scratchName(identity: string, token: string): string {
  return `${prefix}${identity}-${token}`;
}

/** The identity in such a name, or `undefined` where it is none. */
export function scratchOwner(name: string): string | undefined {
  return name.startsWith(prefix) ? name.slice(prefix.length, name.lastIndexOf('-')) : undefined;
}
