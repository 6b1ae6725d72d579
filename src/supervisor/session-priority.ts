import { writeFileSync } from 'node:fs';
import { readProc } from '../probes/index.ts';

let own: { readonly name: string | undefined } | undefined;

/**
 * Gives a priority (nice) to the sessions that processes are in, but to our own, which is the training's.
 *
 * Linux may weigh sessions against each other before it weighs the processes in them (`man 7 sched`, "The autogroup feature"): there
 * what has called `setsid` runs beside the training as an equal, however low its own priority is. Where sessions are not weighed this
 * does nothing. Never throws. Without root the system changes one session in a tenth of a second: the others with later calls.
 */
export function giveSessionsPriority(priority: number, pids: readonly number[]): void {
  own ??= { name: sessionOf('self')?.name };
  if (own.name === undefined) return;
  for (const pid of pids) {
    const session = sessionOf(pid);
    if (session === undefined || session.name === own.name || session.priority === priority) continue;
    try {
      writeFileSync(pathOf(pid), String(priority));
    } catch {
      // it has ended, is another user's, or has to wait for its turn
    }
  }
}

function sessionOf(pid: number | 'self'): { readonly name: string; readonly priority: number } | undefined {
  const [, name, priority] = /^(\S+) nice (-?\d+)$/m.exec(readProc(pathOf(pid)) ?? '') ?? [];
  return name === undefined ? undefined : { name, priority: Number(priority) };
}

function pathOf(pid: number | 'self'): string {
  return `/proc/${pid}/autogroup`;
}
