import type { CheckpointRef } from '../events/index.ts';
import { hashCheckpoint } from './checkpoint-file.ts';

/** A checkpoint of a moment within its epoch. */
export interface TakenCheckpoint {
  readonly step: number;
  readonly ref: CheckpointRef;
}

/**
 * Decides of each checkpoint of one epoch whether it lies in the middle, or after the last step, which only the next step or
 * the epoch's end can tell: until then it is held.
 */
export class HeldCheckpoint {
  readonly #onMiddle: (taken: TakenCheckpoint) => void;
  readonly #hashing = new Set<Promise<unknown>>();
  #held: (TakenCheckpoint & { readonly number: number }) | undefined;
  /** How many were asked for. */
  #count = 0;
  /** Counts what makes every earlier checkpoint one of the middle. */
  #advances = 0;

  /** @param onMiddle gets each checkpoint that another step or checkpoint has followed */
  constructor(onMiddle: (taken: TakenCheckpoint) => void) {
    this.#onMiddle = onMiddle;
  }

  async take(path: string, step: number): Promise<CheckpointRef> {
    const advances = this.#advances;
    const number = ++this.#count; // files are read side by side: the order is that of the calls
    const hashing = hashCheckpoint(path);
    this.#hashing.add(hashing);
    try {
      const ref = await hashing;
      const isFollowed = advances !== this.#advances || number < (this.#held?.number ?? 0);
      if (isFollowed) this.#onMiddle({ step, ref });
      else {
        this.#release();
        this.#held = { number, step, ref };
      }
      return ref;
    } finally {
      this.#hashing.delete(hashing);
    }
  }

  /** Another step begins. */
  advance(): void {
    this.#advances++;
    this.#release();
  }

  /** Whether a file is still being read. */
  get isHashing(): boolean {
    return this.#hashing.size > 0;
  }

  /** Resolves when no file is being read any more, whatever came of it. */
  async settled(): Promise<void> {
    while (this.#hashing.size > 0) {
      await Promise.allSettled(this.#hashing);
      await Promise.resolve(); // those who read take note first
    }
  }

  /** The epoch ends: gives the checkpoint that no step has followed. */
  last(): CheckpointRef | undefined {
    const ref = this.#held?.ref;
    this.#held = undefined;
    return ref;
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#onMiddle({ step: held.step, ref: held.ref });
  }
}
