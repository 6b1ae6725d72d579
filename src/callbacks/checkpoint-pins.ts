import { unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';

/**
 * The checkpoint files of one run that somebody still needs: an evaluation that waits or runs, or a callback that copies one.
 *
 * Whoever deletes checkpoints asks here, so that a file which is needed goes when it is needed no more. A deletion begins a turn of
 * the event loop later: what another callback pins at the same event counts, whichever of the two heard it first.
 */
export class CheckpointPins {
  readonly #counts = new Map<string, number>();
  readonly #whenFree = new Map<string, (() => void)[]>();

  /** Keeps a file until the function that it gives is called. */
  pin(path: string): () => void {
    const key = resolve(path);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    let isPinned = true;
    return () => {
      if (!isPinned) return;
      isPinned = false;
      this.#release(key);
    };
  }

  isPinned(path: string): boolean {
    return this.#counts.has(resolve(path));
  }

  /**
   * Deletes a file as soon as nobody needs it. One that is gone already is deleted.
   *
   * @param stillWanted looked at when it comes to it: what is wanted again by then stays
   * @returns whether it was deleted. Rejects with what the disk says.
   */
  async delete(path: string, stillWanted: () => boolean = () => false): Promise<boolean> {
    const key = resolve(path);
    do {
      await setImmediate();
      await this.#free(key);
    } while (this.#counts.has(key));
    if (stillWanted()) return false;
    await unlink(key).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
    return true;
  }

  #free(key: string): Promise<void> | undefined {
    if (!this.#counts.has(key)) return undefined;
    return new Promise((resolveFree) => {
      this.#whenFree.set(key, [...(this.#whenFree.get(key) ?? []), resolveFree]);
    });
  }

  #release(key: string): void {
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) {
      this.#counts.set(key, left);
      return;
    }
    this.#counts.delete(key);
    const waiting = this.#whenFree.get(key) ?? [];
    this.#whenFree.delete(key);
    for (const resolveFree of waiting) resolveFree();
  }
}
