import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PitwallError, reasonOf } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { bytesOf } from './bytes-of.ts';
import type { Desk, Run } from './callback.ts';
import { foldFiles, noFiles, withoutAwaited, type CheckpointRules } from './checkpoint-files.ts';
import { checkpointName, nameOfTemporary } from './checkpoint-name.ts';
import type { SaveCheckpoint } from './checkpoint-request.ts';
import type { Follower } from './following.ts';
import { inTime } from './in-time.ts';
import { isThenable } from './is-thenable.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { piecesOf, writeWhole } from './whole-file.ts';

const saveLimitMs = 5 * 60_000;

interface KeeperOptions extends Pick<CheckpointRules, 'every' | 'best' | 'keep'> {
  readonly name: string;
  readonly folder: string;
  readonly extension: string;
  readonly save: SaveCheckpoint;
}

/** An epoch on its way to the disk. */
interface Saving {
  readonly epoch: number;
  readonly step: number;
  readonly isBest: boolean;
  readonly bytes: Uint8Array | Promise<Uint8Array>;
}

/** The checkpoint files of one callback in one run: saves, writes, tells and deletes them. */
export class CheckpointKeeper implements Follower {
  readonly #run: Run<never>;
  readonly #desk: Desk;
  readonly #options: KeeperOptions;
  readonly #rules: CheckpointRules;
  readonly #writes: OneAtATime<Saving>;
  /** The deletions that have not come to their end, by path. */
  readonly #deletions = new Map<string, Promise<void>>();
  /** Told in the journal, and not kept: they may be there still. */
  readonly #goneBefore = new Set<string>();
  #files;
  #tidied: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** The run has told its end: what was to be deleted by then still is, also when this is closed by that. */
  #hasEnded = false;

  constructor(run: Run<never>, desk: Desk, options: KeeperOptions) {
    this.#run = run;
    this.#desk = desk;
    this.#options = options;
    const { every, best, keep, folder, extension } = options;
    this.#rules = { every, best, keep, pathOf: (epoch) => join(folder, checkpointName(epoch, extension)) };
    this.#files = noFiles(run.state.epoch === 0 ? 0 : undefined);
    this.#writes = new OneAtATime<Saving>({
      work: (saving) => this.#write(saving),
      onDropped: ({ epoch }) => {
        this.#files = withoutAwaited(this.#files, epoch);
        desk.publish({ type: 'dropped', what: `files of "${options.name}"`, count: 1 });
      },
      goesFirst: (waiting, newer) => waiting.isBest && !newer.isBest,
    });
  }

  see(event: RunEvent, isLive: boolean): void {
    const before = this.#files;
    this.#files = foldFiles(before, event, this.#rules);
    const kept = new Set(this.#files.kept.map(({ path }) => path));
    for (const { path } of before.kept) {
      if (kept.has(path)) continue;
      if (isLive) this.#delete(path);
      else this.#goneBefore.add(path);
    }
    if (!isLive) return;
    if (event.type === 'epoch:end') {
      const due = this.#files.awaited.at(-1);
      if (due !== undefined && this.#files.awaited !== before.awaited) this.#save(due, event.metrics);
    }
    if (event.type === 'run:end') {
      this.#hasEnded = true;
      this.#desk.hold(this.#deletionsAtEnd());
    }
  }

  onPresent(): void {
    this.#files = { ...this.#files, awaited: [] }; // lost with the process that was to write them
    this.#tidied = this.#tidy();
    this.#desk.hold(this.#tidied);
  }

  /** From here on nothing is written or told, nor deleted unless the run has ended. */
  close(): void {
    this.#isClosed = true;
    this.#writes.clear();
  }

  /** Closed in the midst of the run. */
  get #isLeft(): boolean {
    return this.#isClosed && !this.#hasEnded;
  }

  #save({ epoch, isBest }: { epoch: number; isBest: boolean }, metrics: Readonly<Record<string, unknown>>): void {
    const { step } = this.#run.state;
    try {
      const given = this.#options.save({ epoch, step, metrics });
      const bytes = isThenable(given) ? this.#inTime(given, epoch) : bytesOf(given);
      this.#desk.hold(this.#writes.put({ epoch, step, isBest, bytes }));
    } catch (error) {
      this.#failed(epoch, this.#notSaved(epoch, error));
    }
  }

  #inTime(given: PromiseLike<unknown>, epoch: number): Promise<Uint8Array> {
    const late = (): Error => new Error(`it has not settled within ${saveLimitMs / 60_000} minutes`);
    const bytes = inTime(Promise.resolve(given).then(bytesOf), this.#run.clock, saveLimitMs, late).catch(
      (error: unknown) => {
        throw this.#notSaved(epoch, error);
      },
    );
    bytes.catch(() => undefined); // it may be dropped before anybody looks at it
    return bytes;
  }

  async #write({ epoch, step, bytes }: Saving): Promise<void> {
    const path = this.#rules.pathOf(epoch);
    try {
      const content = piecesOf(await bytes);
      await this.#tidied;
      if (this.#isClosed) return;
      const hash = await writeWhole(path, content, () => {
        if (this.#isClosed) throw new Error('nobody would be told of it');
      });
      this.#desk.publish({ type: 'checkpoint', epoch, step, path, hash });
    } catch (error) {
      this.#failed(epoch, error instanceof PitwallError ? error : this.#notWritten(epoch, path, error));
    }
  }

  #failed(epoch: number, error: PitwallError): void {
    this.#files = withoutAwaited(this.#files, epoch);
    if (!this.#isClosed) this.#desk.report(error);
  }

  #notSaved(epoch: number, error: unknown): PitwallError {
    return new PitwallError(
      'CHECKPOINT_NOT_SAVED',
      `The function "save" of "${this.#options.name}" failed at epoch ${epoch}, of which there will be no file: ${reasonOf(error)}.`,
      { cause: error },
    );
  }

  #notWritten(epoch: number, path: string, error: unknown): PitwallError {
    return new PitwallError(
      'CHECKPOINT_NOT_WRITTEN',
      `"${this.#options.name}" could not write the file of epoch ${epoch}, "${path}": ${reasonOf(error)}. The training goes on.`,
      { cause: error },
    );
  }

  #delete(path: string): void {
    const deletion = this.#desk.pins
      .delete(path, () => this.#isLeft || this.#wants(path))
      .catch((error: unknown) => {
        this.#desk.report(
          new PitwallError(
            'CHECKPOINT_NOT_DELETED',
            `"${this.#options.name}" could not delete "${path}": ${reasonOf(error)}.`,
            { cause: error },
          ),
        );
      })
      .then(() => {
        this.#deletions.delete(path);
      });
    this.#deletions.set(path, deletion);
  }

  /** It is kept, or about to be written again. */
  #wants(path: string): boolean {
    const { kept, awaited } = this.#files;
    return kept.some((file) => file.path === path) || awaited.some(({ epoch }) => this.#rules.pathOf(epoch) === path);
  }

  /** Removes what a process that was killed has left half-written or had no time to delete. */
  async #tidy(): Promise<void> {
    const { folder, extension } = this.#options;
    const names = await readdir(folder).catch(() => []); // what is wrong with the folder is told when a file is to be written
    if (this.#isLeft) return; // what is half-written may be another's that has come after this one
    const leftovers = names.filter((name) => nameOfTemporary(name)?.endsWith(`.${extension}`));
    await Promise.allSettled(leftovers.map((name) => rm(join(folder, name))));
    for (const name of names) if (this.#goneBefore.has(join(folder, name))) this.#delete(join(folder, name));
    this.#goneBefore.clear();
  }

  /** Settles when the files are gone that nobody needs: a file that somebody still does holds no run. */
  async #deletionsAtEnd(): Promise<void> {
    await this.#tidied;
    await setImmediate(); // at the end of the run the others let go of what they have pinned
    const { pins } = this.#desk;
    await Promise.all([...this.#deletions].flatMap(([path, deletion]) => (pins.isPinned(path) ? [] : [deletion])));
  }
}
