import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isGone } from '../probes/index.ts';
import { scratchOwner, scratchParents } from '../wire/index.ts';

/** Removes the folders of hosts that are gone: they and their supervisors were killed in the same instant. */
export function removeStaleFolders(parents: readonly string[] = scratchParents()): void {
  for (const parent of parents) {
    for (const name of namesIn(parent)) {
      const owner = scratchOwner(name);
      if (owner !== undefined && isGone(owner)) remove(join(parent, name));
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // another user's
  }
}
