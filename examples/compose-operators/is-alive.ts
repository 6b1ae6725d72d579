import { readFileSync } from 'node:fs';

/** Whether a process runs or could. One that was killed and only waits for the system to remove its entry does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
