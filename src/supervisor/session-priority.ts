import { writeFileSync } from 'node:fs';
import { readProc } from '../probes/index.ts';

/**
 * The priority (nice) of whole sessions, but of our own, which is the training's.
 *
 * Linux may weigh sessions against each other before it weighs the processes in them (`man 7 sched`, "The autogroup feature"): there
 * what has called `setsid` runs beside the training as an equal, however low its own priority is. Where sessions are not weighed this
 * does nothing. Without root the system changes one session in a tenth of a second: the others with later calls.
 */
export class SessionPriority {
  readonly #proc: string;
  /** Undefined also of a training that was started in no session: it is weighed by itself, beside all of them. */
  readonly #own: string | undefined;
  readonly #areWeighed: boolean;

  constructor(proc = '/proc') {
    this.#proc = proc;
    const own = readProc(this.#pathOf('self'));
    this.#areWeighed = own !== undefined;
    this.#own = sessionIn(own)?.name;
  }

  /** Gives it to the sessions that processes are in. Never throws. */
  give(priority: number, pids: readonly number[]): void {
    if (!this.#areWeighed) return;
    for (const pid of pids) {
      const session = sessionIn(readProc(this.#pathOf(pid)));
      if (session === undefined || session.name === this.#own || session.priority === priority) continue;
      try {
        writeFileSync(this.#pathOf(pid), String(priority));
      } catch {
        // it has ended, is another user's, or has to wait for its turn
      }
    }
  }

  #pathOf(pid: number | 'self'): string {
    return `${this.#proc}/${pid}/autogroup`;
  }
}

/** Of what is in no session the file is there, and empty. */
function sessionIn(file: string | undefined): { readonly name: string; readonly priority: number } | undefined {
  const [, name, priority] = /^(\S+) nice (-?\d+)$/m.exec(file ?? '') ?? [];
  return name === undefined ? undefined : { name, priority: Number(priority) };
}
