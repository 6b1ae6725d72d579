import { processesMarked, ProcessTree } from './process-tree.ts';

/** Sends SIGKILL to all that a process has started, and to itself unless it is this one. */
export function killTree(root: number): void {
  const tree = new ProcessTree(root);
  for (const pid of tree.pids) if (pid !== process.pid) kill(pid);
  tree.close();
}

/**
 * Sends SIGKILL to all that has `variable=value` in its environment but this process: also to what has lost its parents.
 *
 * @returns how many there were
 */
export function killMarked(variable: string, value: string): number {
  const marked = processesMarked(variable, value);
  marked.forEach(kill);
  return marked.length;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has gone by itself, or is another's
  }
}
