/** What is known of a process's processor time, in ms. */
export interface ProcessTimes {
  readonly parent: number;
  /** When it was born, so that an old number is not taken for the old process. */
  readonly bornTicks: number;
  readonly ownMs: number;
  /** Of the children that it has waited for, and of those that these have. */
  readonly waitedMs: number;
}

/**
 * Adds up what processes that come and go have used.
 *
 * Whoever waits for a child takes over all that it has used: of what is counted already nothing is counted again. Where nobody
 * waits, what was counted of it stays.
 */
export class ProcessorAccount {
  #seen: ReadonlyMap<number, ProcessTimes> = new Map();
  /** By parent, what was counted of children that were gone at the last look: it may be waiting for them just then. */
  #owed: ReadonlyMap<number, number> = new Map();
  #totalMs: number | null = null;

  /** Processor milliseconds up to a look at all that live; `null` while none was ever seen. It never falls. */
  look(alive: ReadonlyMap<number, ProcessTimes>): number | null {
    const owed = new Map<number, number>();
    // Children are seen after their parents: what of a parent that is gone too is owed to its own parent.
    for (const [pid, gone] of [...this.#seen].reverse()) {
      if (alive.get(pid)?.bornTicks === gone.bornTicks) continue;
      const counted = gone.ownMs + gone.waitedMs + (owed.get(pid) ?? 0) + (this.#owed.get(pid) ?? 0);
      owed.delete(pid);
      owed.set(gone.parent, (owed.get(gone.parent) ?? 0) + counted);
    }
    for (const [pid, now] of alive) {
      const before = this.#seen.get(pid);
      const known = before?.bornTicks === now.bornTicks ? before : unseen;
      const taken = Math.max(0, now.waitedMs - known.waitedMs);
      const takenBefore = Math.min(taken, this.#owed.get(pid) ?? 0);
      const takenNow = Math.min(taken - takenBefore, owed.get(pid) ?? 0);
      owed.set(pid, (owed.get(pid) ?? 0) - takenNow);
      this.#totalMs = (this.#totalMs ?? 0) + Math.max(0, now.ownMs - known.ownMs) + taken - takenBefore - takenNow;
    }
    this.#seen = alive;
    this.#owed = owed;
    return this.#totalMs;
  }
}

const unseen = { ownMs: 0, waitedMs: 0 };
