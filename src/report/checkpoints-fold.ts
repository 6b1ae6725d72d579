import type { CheckpointRef } from '../events/index.ts';
import type { Bounded, CheckpointTold } from './run-report.ts';

/** Told one by one: the last are those that one looks for. */
const mostCheckpoints = 50;

interface Draft extends CheckpointRef {
  readonly seq: number;
  readonly at: number;
  readonly epoch: number;
  readonly step: number | null;
}

/** The checkpoints of a run, those at an epoch's end and those within one. */
export class CheckpointsFold {
  #drafts: Draft[] = [];

  add(draft: Draft): void {
    this.#drafts.push(draft);
  }

  /** Forgets those after `fromSeq`. @returns the step of the one that the run goes on from, as far as it is told. */
  resume(fromSeq: number): number | undefined {
    this.#drafts = this.#drafts.filter(({ seq }) => seq <= fromSeq);
    return this.#drafts.at(-1)?.step ?? undefined;
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
