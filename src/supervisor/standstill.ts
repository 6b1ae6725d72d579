import { isStopped } from '../probes/index.ts';

/**
 * Stops processes, and lets those go on that it has stopped: what was stopped already stays so, and what it has stopped goes on
 * whether anybody still knows of it or not.
 */
export class Standstill {
  readonly #stopped = new Set<number>();

  /** What is stopped already is not stopped once more: who has stopped it may let it go on meanwhile, and we never would. */
  begin(pids: readonly number[]): void {
    for (const pid of pids)
      if (!this.#stopped.has(pid) && !isStopped(pid) && signal(pid, 'SIGSTOP')) this.#stopped.add(pid);
  }

  end(): void {
    for (const pid of this.#stopped) signal(pid, 'SIGCONT');
    this.#stopped.clear();
  }
}

/** @returns false where it is gone, or has become another's */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
