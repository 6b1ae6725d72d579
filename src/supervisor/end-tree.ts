import { childrenOf, isAlive, processesMarked, type ProcessTree } from '../probes/index.ts';
import { executionMark } from '../wire/index.ts';

/** Sends SIGKILL; a process that is gone already is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone, or not ours
  }
}

/** Kills all that is known of a tree, the whole group in one call first, so that it cannot fork away. Returns what it knew. */
export function strike(tree: ProcessTree, group: number | undefined): readonly number[] {
  if (group !== undefined) kill(-group);
  tree.walk();
  const known = tree.pids;
  known.forEach(kill);
  return known;
}

/**
 * Waits until nothing of a struck tree is left, killing what still turns up: children born meanwhile, orphans, what has called
 * `setsid`. Resolves when a whole look finds nothing.
 *
 * @param exited resolves when the tree's root has been reaped
 */
export async function untilGone(
  known: readonly number[],
  executionId: string,
  exited: Promise<unknown>,
): Promise<void> {
  await exited;
  const suspects = new Set(known);
  for (;;) {
    for (const pid of processesMarked(executionMark, executionId)) suspects.add(pid);
    for (const pid of suspects) {
      if (!isAlive(pid)) suspects.delete(pid);
      else {
        // A set's iteration meets what is added meanwhile: its children are killed in the same pass.
        for (const child of childrenOf(pid)) suspects.add(child);
        kill(pid);
      }
    }
    if (suspects.size === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
