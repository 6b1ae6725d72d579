import { readdirSync, readFileSync } from 'node:fs';

function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Those with `word` in their command line. */
export function processesSaying(word: string): number[] {
  return allProcesses().filter((pid) => textOf(pid, 'cmdline').includes(word) && isAlive(pid));
}

/** Those with `word` in the environment that they were started with. */
export function processesWith(word: string): number[] {
  return allProcesses().filter((pid) => textOf(pid, 'environ').includes(word) && isAlive(pid));
}

/** A zombie is not alive: it only waits to be asked for its exit code. */
export function isAlive(pid: number): boolean {
  const stat = textOf(pid, 'stat');
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Resident MB, or `null` of a process that is gone. */
export function residentMb(pid: number): number | null {
  const pages = textOf(pid, 'statm').split(' ')[1];
  return pages === undefined ? null : (Number(pages) * 4096) / 2 ** 20;
}

/** Processor time so far in ms, of all its threads. The system counts in ticks of 10 ms. */
export function cpuMsOf(pid: number): number {
  const stat = textOf(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How many descriptors it has open. */
export function descriptorsOf(pid: number | 'self'): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The processes that it has started and that have not ended. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      textOf(pid, `task/${thread}/children`).split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** It and all that comes of it. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** The supervisor that this process has started. */
export function supervisorPid(): number {
  const found = childrenOf(process.pid).find((pid) => textOf(pid, 'cmdline').includes('supervisor/entry'));
  if (found === undefined) throw new Error('There is no supervisor.');
  return found;
}

function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return ''; // gone
  }
}
