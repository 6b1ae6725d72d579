import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { PitwallError, reasonOf } from '../errors/index.ts';
import type { BestFile } from './best-files.ts';
import { checkpointName, isCheckpointName, nameOfTemporary } from './checkpoint-name.ts';
import { piecesOfFile, writeWhole } from './whole-file.ts';

interface BestCopiesOptions {
  /** Whose they are, as sentences name it. */
  readonly name: string;
  readonly folder: string;
  readonly keep: number;
  /** What is to be in the folder, the best first. */
  readonly wanted: () => readonly BestFile[];
  readonly report: (error: PitwallError) => void;
  /** Called whenever a copy is there or could not be made. */
  readonly onChange: () => void;
}

/** A file in the folder that has the name of a copy. */
interface Copy {
  /** '' where nobody knows it. */
  readonly hash: string;
  /** Of what it is known to be a copy. */
  readonly of: BestFile | undefined;
}

/**
 * Brings a folder to what is wanted of it, one file after the other. A copy that is not wanted goes when those that are wanted are
 * there, and as long as one of them could not be made there are at least as many as are to be kept.
 */
export class BestCopies {
  readonly #options: BestCopiesOptions;
  readonly #failed = new Set<string>();
  /** By their names. */
  #present: ReadonlyMap<string, Copy> = new Map();
  #working: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: BestCopiesOptions) {
    this.#options = options;
  }

  pathOf(best: BestFile): string {
    return join(this.#options.folder, nameOf(best));
  }

  /** Whether its copy is in the folder. */
  has(best: BestFile): boolean {
    return this.#present.get(nameOf(best))?.hash === best.file.hash;
  }

  /** All that have been copied and are in the folder. */
  get there(): readonly BestFile[] {
    return [...this.#present.values()].flatMap(({ of }) => of ?? []);
  }

  /** Whether it is to be copied still. */
  isPending(best: BestFile): boolean {
    return !this.has(best) && !this.#failed.has(keyOf(best));
  }

  /**
   * Takes the folder as it is: removes what is half-written, and takes for copies what has the name of one, if it is wanted or not
   * older than the run.
   *
   * @param startedAt when the run began, in wall-clock milliseconds; `undefined` where nobody knows
   * @returns resolves when the folder is as it is wanted.
   */
  takeOver(startedAt = Infinity): Promise<void> {
    this.#working = this.#takenOver(startedAt).then(() => this.#settle());
    return this.#working;
  }

  /** Looks at what is wanted now. @returns resolves when the folder is so. */
  update(): Promise<void> {
    this.#working ??= this.#settle();
    return this.#working;
  }

  /** From here on nothing is copied and nothing deleted. */
  close(): void {
    this.#isClosed = true;
  }

  async #takenOver(startedAt: number): Promise<void> {
    const { folder, wanted } = this.#options;
    const names = await readdir(folder).catch(() => []); // what is wrong with the folder is told when a file is to be written
    if (this.#isClosed) return;
    const leftovers = names.filter((name) => nameOfTemporary(name) !== undefined);
    await Promise.allSettled(leftovers.map((name) => rm(join(folder, name))));
    const present = new Map<string, Copy>();
    for (const name of names.filter(isCheckpointName)) {
      const path = join(folder, name);
      const of = wanted().find((best) => nameOf(best) === name);
      if (of !== undefined) present.set(name, { hash: await hashOf(path), of });
      else if (await isSince(path, startedAt)) present.set(name, { hash: '', of });
    }
    this.#present = present;
    this.#options.onChange();
  }

  async #settle(): Promise<void> {
    await Promise.resolve(); // so that it ends after it is known to have begun
    for (let task = this.#next(); task !== undefined && !this.#isClosed; task = this.#next()) await task();
    this.#working = undefined;
  }

  #next(): (() => Promise<void>) | undefined {
    const wanted = this.#options.wanted();
    const missing = wanted.find((best) => this.isPending(best));
    if (missing !== undefined) return () => this.#copy(missing);
    const excess = [...this.#present.keys()].find((name) => !wanted.some((best) => nameOf(best) === name));
    const isComplete = wanted.length > 0 && wanted.every((best) => this.has(best));
    if (excess === undefined || (!isComplete && this.#present.size <= this.#options.keep)) return undefined;
    return () => this.#remove(excess);
  }

  async #copy(best: BestFile): Promise<void> {
    const { name, report, onChange } = this.#options;
    const { path, hash } = best.file;
    try {
      await writeWhole(this.pathOf(best), piecesOfFile(path), (found) => {
        if (found !== hash)
          throw new PitwallError(
            'CHECKPOINT_CHANGED',
            `"${name}" kept nothing of "${path}", of epoch ${best.epoch}, because the file was changed after it was told: give each checkpoint a file of its own.`,
          );
        if (this.#isClosed) throw new Error('nobody wants it any more');
      });
      this.#present = new Map([...this.#present, [nameOf(best), { hash, of: best }]]);
    } catch (error) {
      this.#failed.add(keyOf(best));
      if (!this.#isClosed) report(error instanceof PitwallError ? error : notCopied(name, best, error));
    }
    onChange();
  }

  async #remove(fileName: string): Promise<void> {
    const { name, folder, report } = this.#options;
    const path = join(folder, fileName);
    await rm(path, { force: true }).catch((error: unknown) => {
      report(
        new PitwallError('CHECKPOINT_NOT_DELETED', `"${name}" could not delete "${path}": ${reasonOf(error)}.`, {
          cause: error,
        }),
      );
    });
    this.#present = new Map([...this.#present].filter(([other]) => other !== fileName));
  }
}

function nameOf({ epoch, file }: BestFile): string {
  return checkpointName(epoch, extname(file.path).slice(1) || 'bin');
}

function keyOf({ file: { path, hash } }: BestFile): string {
  return JSON.stringify([path, hash]);
}

function notCopied(name: string, { epoch, file: { path } }: BestFile, error: unknown): PitwallError {
  return new PitwallError(
    'CHECKPOINT_NOT_COPIED',
    `"${name}" could not copy "${path}", of epoch ${epoch}: ${reasonOf(error)}. The training goes on.`,
    { cause: error },
  );
}

/** '' for what cannot be read: it is copied anew. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of piecesOfFile(path)) hash.update(piece);
    return hash.digest('hex');
  } catch {
    return '';
  }
}

async function isSince(path: string, startedAt: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs >= startedAt;
  } catch {
    return false;
  }
}
