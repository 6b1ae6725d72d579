import { setPriority } from 'node:os';
import { listProc } from '../probes/index.ts';
import { SessionPriority } from './session-priority.ts';

const lowest = 19;
const normal = 0;
let sessions: SessionPriority | undefined;

/** Gives the lowest priority to every thread of the processes, which later threads and children inherit, and to their sessions. */
export function lowerPriority(pids: readonly number[]): void {
  give(lowest, pids);
}

/** Sessions are not inherited: those that processes have begun since are lowered too, and those that were raised again. */
export function keepSessionsLow(pids: readonly number[]): void {
  giveSessions(lowest, pids);
}

/**
 * Gives dying processes the normal priority back, so that they end soon beside a busy training. Only root may, but for sessions; for
 * others they end at the lowest.
 */
export function restorePriority(pids: readonly number[]): void {
  give(normal, pids);
}

function give(priority: number, pids: readonly number[]): void {
  for (const pid of pids) {
    const threads = listProc(`/proc/${pid}/task`).map(Number);
    for (const thread of threads.length === 0 ? [pid] : threads) {
      try {
        setPriority(thread, priority);
      } catch {
        // the thread has ended, or may not be raised
      }
    }
  }
  giveSessions(priority, pids);
}

function giveSessions(priority: number, pids: readonly number[]): void {
  sessions ??= new SessionPriority();
  sessions.give(priority, pids);
}
