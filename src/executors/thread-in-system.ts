import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** A thread as the system knows it. On Linux a priority and a time of CPU are a thread's own; elsewhere nothing is told of it. */
export class ThreadInSystem {
  readonly #number: number | undefined;

  /** @param number the system's number of it, where there is one */
  constructor(number: number | undefined) {
    this.#number = number;
  }

  /** What it has used of a core; `null` where the system does not tell. */
  cpuMs(): number | null {
    if (this.#number === undefined) return null;
    try {
      const [nanoseconds] = readFileSync(`/proc/self/task/${this.#number}/schedstat`, 'latin1').split(' ');
      return nanoseconds ? Number(nanoseconds) / 1e6 : null;
    } catch {
      return null;
    }
  }

  /** So that it ends soon beside a busy training. Only root may; for others it ends at the lowest. */
  restorePriority(): void {
    if (this.#number === undefined) return;
    try {
      setPriority(this.#number, 0);
    } catch {
      // it may not be raised, or has ended
    }
  }
}
