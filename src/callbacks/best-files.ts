import type { CheckpointRef, RunEvent } from '../events/index.ts';
import { JudgedSubjects, type Judged } from './judged-subjects.ts';
import { isBetter } from './patience.ts';
import type { WatchedMetric } from './watched-metric.ts';

/** One of the best checkpoints. */
export interface BestEpoch {
  readonly epoch: number;
  readonly value: number;
  /** Of the copy. */
  readonly path: string;
}

/** A checkpoint file that the run has told of. */
interface ToldFile extends CheckpointRef {
  readonly epoch: number;
  /** Of the weights in it; `undefined` where the record does not tell it. */
  readonly step: number | undefined;
}

/** A judged epoch. */
interface Verdict {
  readonly epoch: number;
  /** That the result is of; `undefined` for the epoch's end. */
  readonly step: number | undefined;
  readonly value: number;
}

/** One of the best, with its file. */
export interface BestFile extends Verdict {
  readonly file: ToldFile;
}

/** One that would be among the best, if it had a file. */
export interface WithoutFile extends Verdict {
  /** The last epoch that had ended when it was judged. */
  readonly judgedAt: number;
}

/** How many good epochs may wait for their files. */
const maxWithoutFile = 64;

/**
 * Folds a run's events into the best of its checkpoint files.
 *
 *     files and verdicts   f1-j1-f2-f3-j2-j3-f4-j4-j5-f5-     (f: a file of that epoch; j: its value, 5, 9, 7, 8 and 10)
 *     best, of one         ---1--------2--------------5--
 */
export class BestFiles {
  readonly #watched: WatchedMetric;
  readonly #keep: number;
  readonly #subjects: JudgedSubjects;
  readonly #onUnmeasured: (judged: Judged) => void;
  #best: readonly BestFile[] = [];
  #withoutFile: readonly WithoutFile[] = [];
  #candidates: readonly ToldFile[] = [];
  #lastEnded = 0;
  /** The last epoch that has begun. */
  #present = 0;

  /** @param onUnmeasured gets what happens now and has no value */
  constructor(watched: WatchedMetric, keep: number, onUnmeasured: (judged: Judged) => void) {
    this.#watched = watched;
    this.#keep = keep;
    this.#subjects = new JudgedSubjects(watched);
    this.#onUnmeasured = onUnmeasured;
  }

  /** The best first; of equals the earlier one. */
  get best(): readonly BestFile[] {
    return this.#best;
  }

  /** Files of epochs that may yet be judged. */
  get candidates(): readonly CheckpointRef[] {
    return this.#candidates;
  }

  /** The last epoch that ended whole. */
  get lastEnded(): number {
    return this.#lastEnded;
  }

  /** The best of all, where that has no file. */
  get bestWithoutFile(): WithoutFile | undefined {
    const [first] = this.#withoutFile.toSorted((one, other) => this.compare(one, other));
    const [best] = this.#best;
    return first !== undefined && (best === undefined || this.compare(first, best) < 0) ? first : undefined;
  }

  /** Which is better, as a sort takes it: of equals the earlier epoch. */
  compare(one: Verdict, other: Verdict): number {
    const gain = (other.value - one.value) * (this.#watched.mode === 'max' ? 1 : -1);
    return gain === 0 ? one.epoch - other.epoch : gain;
  }

  see(event: RunEvent, isLive: boolean): void {
    const file = fileToldBy(event);
    if (file !== undefined) this.#told(file);
    if (event.type === 'epoch:end' && event.interrupted !== true) this.#lastEnded = event.epoch;
    for (const judged of this.#subjects.see(event, isLive)) {
      const { epoch, step, value } = judged;
      if (value !== null) this.#judged({ epoch, step, value });
      else if (isLive) this.#onUnmeasured(judged);
    }
    this.#letGoAfter(event);
  }

  #told(file: ToldFile): void {
    const { epoch } = file;
    this.#best = this.#best.map((best) => (best.epoch === epoch && isNewer(file, best) ? { ...best, file } : best));
    const waiting = this.#withoutFile.find((other) => other.epoch === epoch && isOf(file, other));
    if (waiting !== undefined) this.#rank({ epoch, step: waiting.step, value: waiting.value, file });
    if (this.#watched.evaluation === undefined && epoch <= this.#lastEnded) return; // it has been judged
    // Of an epoch only the last file can be judged, unless a result is on its way.
    const others = this.#candidates.filter((other) => other.epoch !== epoch || this.#subjects.awaits(epoch));
    this.#candidates = [...others, file];
  }

  /** A later verdict on an epoch takes the place of an earlier one. */
  #judged(verdict: Verdict): void {
    const { epoch } = verdict;
    const before = this.#best.find((best) => best.epoch === epoch)?.file;
    this.#best = this.#best.filter((best) => best.epoch !== epoch);
    this.#withoutFile = this.#withoutFile.filter((other) => other.epoch !== epoch);
    const file = this.#candidates.findLast((other) => other.epoch === epoch && isOf(other, verdict)) ?? before;
    if (file !== undefined) this.#rank({ ...verdict, file });
    else if (this.#mayRank(verdict))
      this.#withoutFile = [...this.#withoutFile, { ...verdict, judgedAt: this.#lastEnded }].slice(-maxWithoutFile);
  }

  /**
   * Lets go of the candidates that no verdict can come of: the epochs' own when their epoch is over, those of an evaluation when
   * another epoch has begun and none of theirs is on its way.
   */
  #letGoAfter(event: RunEvent): void {
    if (event.type === 'epoch:start' || event.type === 'epoch:end') {
      this.#present = event.epoch;
      const isOver = event.type === 'epoch:end' && this.#watched.evaluation === undefined;
      this.#letGo((epoch) => epoch < event.epoch || (isOver && epoch === event.epoch));
    } else if (event.type === 'evaluation:end' || event.type === 'evaluation:skipped') {
      // What another event in the queue asks for is not known yet, so that only this evaluation's own go.
      if (event.name === this.#watched.evaluation)
        this.#letGo((epoch) => epoch === event.epoch && epoch < this.#present);
    }
  }

  #letGo(isOver: (epoch: number) => boolean): void {
    this.#candidates = this.#candidates.filter(({ epoch }) => !isOver(epoch) || this.#subjects.awaits(epoch));
  }

  #rank(file: BestFile): void {
    if (this.#mayRank(file))
      this.#best = [...this.#best, file].sort((one, other) => this.compare(one, other)).slice(0, this.#keep);
    this.#withoutFile = this.#withoutFile.filter((other) => other.epoch !== file.epoch && this.#mayRank(other));
  }

  #mayRank({ value }: Verdict): boolean {
    const worst = this.#best[this.#keep - 1];
    return isBetter(value, worst?.value, this.#watched);
  }
}

/** Whether a file's weights are those that were judged, or of the epoch's steps before. */
function isOf({ step }: ToldFile, verdict: Verdict): boolean {
  return step === undefined || verdict.step === undefined || step <= verdict.step;
}

/** Whether a file's weights are nearer to those that were judged than those of the file that is there. */
function isNewer(file: ToldFile, best: BestFile): boolean {
  return isOf(file, best) && (file.step ?? Infinity) > (best.file.step ?? Infinity);
}

/** The checkpoint file that an event tells of. */
export function fileToldBy(event: RunEvent): ToldFile | undefined {
  if (event.type === 'checkpoint') {
    const { epoch, step, path, hash } = event;
    return { epoch, step, path, hash };
  }
  if (event.type !== 'epoch:end' || event.checkpoint === undefined) return undefined;
  return { epoch: event.epoch, step: event.step, ...event.checkpoint };
}
