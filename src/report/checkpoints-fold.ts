import type { CheckpointRef } from '../events/index.ts';
import type { Bounded, CheckpointTold } from './run-report.ts';

/** Told one by one: the last are those that one looks for. */
const mostCheckpoints = 50;

interface Draft extends CheckpointRef {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly step: number | null;
  /** It came with the end of its epoch, which no stop had interrupted. */
  readonly isOfEnd: boolean;
}

/** How far the training had come where a run goes on. */
interface ResumedAt {
  /** The run's steps, as far as the record tells them. */
  readonly steps: number;
  /** The last step whose evaluations stand: of an epoch that had ended all of its. */
  readonly lastStep: number;
}

/** The checkpoints of a run, those at an epoch's end and those within one. */
export class CheckpointsFold {
  #drafts: Draft[] = [];

  add(draft: Draft): void {
    this.#drafts.push(draft);
  }

  /**
   * Forgets those after the point that the run goes on from. A file that was told after the end of its epoch was written beside the
   * training: it is of that end, and stays.
   */
  resume({ fromSeq, fromEpoch }: { readonly fromSeq: number; readonly fromEpoch: number }): ResumedAt {
    const point = this.#drafts.find(({ seq }) => seq === fromSeq);
    const isWhole = point === undefined || point.isOfEnd;
    this.#drafts = this.#drafts.filter(({ seq, epoch }) => seq <= fromSeq || (isWhole && epoch <= fromEpoch));
    const last = point ?? this.#drafts.findLast(({ epoch }) => epoch === fromEpoch);
    const steps = last?.step ?? 0;
    return { steps, lastStep: isWhole ? Infinity : steps };
  }

  told(startedAt: number): Bounded<CheckpointTold> {
    return {
      shown: this.#drafts
        .slice(-mostCheckpoints)
        .map(({ at, epoch, step, path, hash }) => ({ atMs: at - startedAt, epoch, step, path, hash })),
      of: this.#drafts.length,
    };
  }
}
