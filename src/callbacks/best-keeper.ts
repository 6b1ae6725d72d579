import { dirname, resolve } from 'node:path';
import { PitwallError } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { BestCopies } from './best-copies.ts';
import { BestFiles, fileToldBy, type BestEpoch } from './best-files.ts';
import type { Desk } from './callback.ts';
import type { Follower } from './following.ts';
import { missingEvaluationTeller } from './tell-missing-evaluation.ts';
import { unmeasuredTeller } from './tell-unmeasured.ts';
import { quoted } from './watched-metric-words.ts';
import type { WatchedMetric } from './watched-metric.ts';

/** A file may be told an epoch after the verdict on its epoch, because it is written beside the training. */
const epochsToWait = 2;

interface BestKeeperOptions {
  readonly name: string;
  readonly folder: string;
  readonly watched: WatchedMetric;
  readonly keep: number;
}

/** The copies of one callback in one run: follows which files are the best, pins what is needed, and has the folder follow. */
export class BestKeeper implements Follower {
  readonly #desk: Desk;
  readonly #options: BestKeeperOptions;
  readonly #files: BestFiles;
  readonly #copies: BestCopies;
  readonly #tellMissing: (event: RunEvent, isLive: boolean) => void;
  readonly #pins = new Map<string, () => void>();
  #startedAt: number | undefined;
  /** The first checkpoint file of the run that lies in the folder, which therefore is not this callback's own. */
  #stranger: string | undefined;
  #isLive = false;
  #isTold = false;
  #isOver = false;

  constructor(desk: Desk, options: BestKeeperOptions) {
    const { name, folder, watched, keep } = options;
    this.#desk = desk;
    this.#options = options;
    this.#files = new BestFiles(
      watched,
      keep,
      unmeasuredTeller(desk, watched, { rule: name, consequence: 'which is never among the best' }),
    );
    this.#tellMissing = missingEvaluationTeller(desk, watched, name);
    this.#copies = new BestCopies({
      name,
      folder,
      keep,
      wanted: () => this.#files.best,
      report: (error) => {
        desk.report(error);
      },
      onChange: () => {
        this.#pinNeeded();
      },
    });
  }

  get best(): BestEpoch | undefined {
    const [fallback] = this.#copies.there.toSorted((one, other) => this.#files.compare(one, other));
    const found = this.#files.best.find((best) => this.#copies.has(best)) ?? fallback;
    return found && { epoch: found.epoch, value: found.value, path: this.#copies.pathOf(found) };
  }

  see(event: RunEvent, isLive: boolean): void {
    this.#tellMissing(event, isLive);
    if (event.type === 'run:start') this.#startedAt = event.at;
    const file = fileToldBy(event);
    if (file !== undefined && resolve(dirname(file.path)) === resolve(this.#options.folder)) this.#found(file.path);
    const { best } = this.#files;
    this.#files.see(event, isLive);
    if (!isLive || this.#stranger !== undefined) return;
    this.#pinNeeded();
    if (this.#files.best !== best) this.#desk.hold(this.#copies.update());
    if (event.type === 'epoch:end' || event.type === 'run:end') this.#tellWithoutFile(event.type === 'run:end');
    if (event.type === 'run:end') this.#letGo();
  }

  onPresent(): void {
    this.#isLive = true;
    if (this.#stranger !== undefined) this.#tellStranger(this.#stranger);
    else {
      this.#pinNeeded();
      this.#desk.hold(this.#copies.takeOver(this.#startedAt));
    }
  }

  close(): void {
    this.#copies.close();
    this.#letGo();
  }

  #found(path: string): void {
    if (this.#stranger !== undefined) return;
    this.#stranger = path;
    if (this.#isLive) this.#tellStranger(path);
  }

  #tellStranger(path: string): void {
    this.close();
    const { name, folder } = this.#options;
    this.#desk.report(
      new PitwallError(
        'FOLDER_NOT_ITS_OWN',
        `"${name}" must have a folder of its own, because it removes what is not among the best, but the run's checkpoint "${path}" lies in "${folder}": nothing is copied.`,
      ),
    );
  }

  /** Pins the files that may be judged or have to be copied still, and no others. */
  #pinNeeded(): void {
    if (this.#isOver) return;
    const { best, candidates } = this.#files;
    const pending = best.filter((file) => this.#copies.isPending(file));
    const needed = new Set([...candidates, ...pending.map(({ file }) => file)].map(({ path }) => path));
    for (const path of needed) if (!this.#pins.has(path)) this.#pins.set(path, this.#desk.pins.pin(path));
    for (const [path, unpin] of this.#pins) {
      if (needed.has(path)) continue;
      unpin();
      this.#pins.delete(path);
    }
  }

  #letGo(): void {
    this.#isOver = true;
    for (const unpin of this.#pins.values()) unpin();
    this.#pins.clear();
  }

  #tellWithoutFile(isEnd: boolean): void {
    const { bestWithoutFile: found, lastEnded } = this.#files;
    if (this.#isTold || found === undefined || (!isEnd && lastEnded < found.judgedAt + epochsToWait)) return;
    this.#isTold = true;
    const { name, watched } = this.#options;
    this.#desk.report(
      new PitwallError(
        'CHECKPOINT_MISSING',
        `"${name}" has nothing to copy of epoch ${found.epoch}, the best so far by ${quoted(watched)}, because no checkpoint file of that epoch was told: save each epoch that is judged, by epoch.checkpoint(file) or the callback checkpoint().`,
      ),
    );
  }
}
