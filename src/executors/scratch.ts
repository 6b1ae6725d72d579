import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, rmdirSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf } from '../probes/index.ts';
import { scratchName, scratchParents } from '../wire/index.ts';

/** One evaluation's own folder. */
export interface EvaluationFolder {
  readonly path: string;
  /** Where its result goes when there is no room left beside it; not made yet. */
  readonly spill?: string | undefined;
  /** Why it is not in shared memory. */
  readonly fallback?: string | undefined;
}

/**
 * Where this process keeps the folders of its evaluations: in shared memory, or in the temporary folder where there is none, or no
 * room in it. The supervisor removes both when this process ends.
 */
export class Scratch {
  readonly roots: readonly [string, string];

  /** @param token a part of the name that no other host has */
  constructor(token: string, parents = scratchParents()) {
    const name = scratchName(identityOf(process.pid), token);
    const [shared, temporary] = parents;
    this.roots = [join(shared, name), join(temporary, name)];
  }

  /** Makes a new folder for one evaluation, where there is room for `bytes`. */
  folder(bytes: number): EvaluationFolder {
    // Not to be guessed: an evaluation must not prepare the next one's.
    const name = randomBytes(9).toString('hex');
    const [shared, temporary] = this.roots.map((root) => join(root, name)) as [string, string];
    const fallback = whyNoRoom(join(this.roots[0], '..'), bytes);
    if (fallback === undefined) {
      made(this.roots[0], shared);
      return { path: shared, spill: temporary };
    }
    made(this.roots[1], temporary);
    return { path: temporary, fallback };
  }

  /** Removes one evaluation's folder; never errors. */
  async remove({ path, spill }: EvaluationFolder): Promise<void> {
    for (const folder of spill === undefined ? [path] : [path, spill])
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** Removes it if nothing is in it any more. */
  removeIfEmpty(): void {
    for (const root of this.roots) {
      try {
        rmdirSync(root);
      } catch {
        // somebody still reads or waits there, or it never was
      }
    }
  }
}

function made(root: string, folder: string): void {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  mkdirSync(folder, { mode: 0o700 });
}

/** Beside the input there must be room for the mailbox and a result of the usual size. */
const sparedBytes = 8 * 2 ** 20;

function whyNoRoom(folder: string, bytes: number): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    if (free >= bytes + sparedBytes) return undefined;
    return `${folder} has ${megabytes(free)} MB left, and ${megabytes(bytes + sparedBytes)} MB are wanted`;
  } catch {
    return `${folder} is not there, or cannot be written to`;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
