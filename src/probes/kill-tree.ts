import { ProcessTree } from './process-tree.ts';

/** Sends SIGKILL to all that a process has started, and to itself unless it is this one. */
export function killTree(root: number): void {
  const tree = new ProcessTree(root);
  for (const pid of tree.pids)
    if (pid !== process.pid)
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has gone by itself
      }
  tree.close();
}
