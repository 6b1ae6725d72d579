import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, rmdirSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../errors/index.ts';
import { identityOf } from '../probes/index.ts';
import { scratchName, scratchParents } from '../wire/index.ts';

/** Why there is no folder somewhere. */
export interface Hindrance {
  /** The kind of reason, however much room there was. */
  readonly cause: 'no room' | 'no more files' | 'not to be written to' | 'not made';
  /** As a sentence. */
  readonly why: string;
}

/** One evaluation's own folder. */
export interface EvaluationFolder {
  readonly path: string;
  /** Where its result goes when there is no room left beside it; not made yet. */
  readonly spill?: string | undefined;
  /** Why it is not in shared memory. */
  readonly fallback?: Hindrance | undefined;
}

/**
 * Where this process keeps the folders of its evaluations: in shared memory, or in the temporary folder where there is none, or no
 * room in it. The supervisor removes both when this process ends.
 */
export class Scratch {
  readonly roots: readonly [string, string];
  /** Where these lie. */
  readonly parents: readonly [string, string];

  /** @param token a part of the name that no other host has */
  constructor(token: string, parents = scratchParents()) {
    const name = scratchName(identityOf(process.pid), token);
    const [shared, temporary] = parents;
    this.parents = parents;
    this.roots = [join(shared, name), join(temporary, name)];
  }

  /**
   * Makes a new folder for one evaluation, where there is room for `bytes`.
   *
   * @throws where there is none, or no folder can be made.
   */
  folder(bytes: number): EvaluationFolder {
    // Not to be guessed: an evaluation must not prepare the next one's.
    const name = randomBytes(9).toString('hex');
    const [shared, temporary] = this.roots.map((root) => join(root, name)) as [string, string];
    const fallback = whyNoRoom(this.parents[0], bytes + sparedBytes) ?? whyNotMade(this.roots[0], shared);
    if (fallback === undefined) return { path: shared, spill: temporary };
    const hindrance = whyNoRoom(this.parents[1], bytes + leastBytes) ?? whyNotMade(this.roots[1], temporary);
    if (hindrance !== undefined) throw new Error(`${fallback.why}; ${hindrance.why}`);
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

/** Beside the input there should be room for a result of the usual size, and there must be for the mailbox. */
const sparedBytes = 8 * 2 ** 20;
const leastBytes = 64 * 2 ** 10;
/** Of its folders and files. */
const wantedFiles = 16;

function whyNoRoom(folder: string, wanted: number): Hindrance | undefined {
  try {
    accessSync(folder, constants.W_OK);
    const { blocks, bavail, bsize, files, ffree } = statfsSync(folder);
    const free = bavail * bsize;
    // Some file systems do not say how much they hold.
    if (blocks > 0 && free < wanted) {
      const why = `${folder} has ${megabytes(free)} MB left, and ${megabytes(wanted)} MB are wanted`;
      return { cause: 'no room', why };
    }
    if (files === 0 || ffree >= wantedFiles) return undefined;
    return { cause: 'no more files', why: `${folder} has room for no more files` };
  } catch {
    return { cause: 'not to be written to', why: `${folder} is not there, or cannot be written to` };
  }
}

function whyNotMade(root: string, folder: string): Hindrance | undefined {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    mkdirSync(folder, { mode: 0o700 });
    return undefined;
  } catch (error) {
    return { cause: 'not made', why: `${folder} cannot be made: ${reasonOf(error)}` };
  }
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
