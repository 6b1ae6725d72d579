import { setPriority } from 'node:os';
import { listProc } from '../probes/index.ts';

/** The lowest priority there is. It counts only inside one session: hence no `detached` and no `setsid` anywhere. */
const lowest = 19;

/** Gives the lowest priority to every thread of the processes: later threads and children inherit it. */
export function lowerPriority(pids: readonly number[]): void {
  for (const pid of pids) {
    const threads = listProc(`/proc/${pid}/task`).map(Number);
    for (const thread of threads.length === 0 ? [pid] : threads) {
      try {
        setPriority(thread, lowest);
      } catch {
        // the thread has ended
      }
    }
  }
}
