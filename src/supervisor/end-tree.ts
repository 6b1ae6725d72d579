import { childrenOf, isAlive, processesMarked, type ProcessTree } from '../probes/index.ts';
import { executionMark } from '../wire/index.ts';
import type { ControlGroup } from './control-group.ts';

/** Sends SIGKILL; a process that is gone already is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone, or not ours
  }
}

/** What an evaluation's processes hang on. */
export interface Roots {
  readonly tree: ProcessTree;
  /** The child of the supervisor: `timeout`, or where there is none the evaluator itself. */
  readonly root: number;
  /** `timeout`'s process group, where there is one. */
  readonly group: number | undefined;
  /** Holds whatever the evaluator starts, however it hides; `timeout` is outside. */
  readonly controlGroup: ControlGroup | undefined;
}

/**
 * Kills all that is known of a tree and gives it back. Of the guards `timeout` is spared: it ends when its child does, and reaps
 * it. Killed together with it, it would leave a zombie to whatever is process 1, which in a container may never reap.
 */
export function strike({ tree, root, group, controlGroup }: Roots): readonly number[] {
  controlGroup?.kill();
  tree.walk();
  const known = tree.pids.filter((pid) => pid !== group);
  known.forEach(kill);
  if (group === undefined) kill(root);
  return known;
}

/** Kills everything at once, the group in one call, for a supervisor that cannot wait. */
export function strikeAll(roots: Roots): void {
  if (roots.group !== undefined) kill(-roots.group);
  strike(roots);
}

/** How long `timeout` may take to reap its child before it is killed itself: it may have been stopped. */
const reapMs = 1000;
const lateChildrenMs = 2;

/**
 * Waits until nothing of a struck tree is left, killing what still turns up: children born meanwhile, orphans, what has called
 * `setsid`. Resolves when a whole look finds nothing.
 *
 * @param known what was struck
 * @param exited resolves when the tree's root has been reaped
 */
export async function endTree(
  known: readonly number[],
  { group, controlGroup }: Roots,
  executionId: string,
  exited: Promise<unknown>,
): Promise<void> {
  if (group !== undefined) {
    const impatience = setTimeout(() => {
      kill(-group);
    }, reapMs);
    // It may have been struck before it had a child.
    const lateChildren = setInterval(() => {
      childrenOf(group).forEach(kill);
    }, lateChildrenMs);
    await exited;
    clearTimeout(impatience);
    clearInterval(lateChildren);
    // What was born into the group meanwhile: the group lives as long as one of it does.
    kill(-group);
  }
  await exited;
  const suspects = new Set(known);
  await untilNoneIsLeft(() => {
    for (const pid of processesMarked(executionMark, executionId)) suspects.add(pid);
    for (const pid of controlGroup?.pids() ?? []) suspects.add(pid);
    const isPopulated = controlGroup?.isPopulated() === true;
    if (isPopulated) controlGroup.kill();
    killLiving(suspects);
    return suspects.size > 0 || isPopulated;
  }, quietLooks(controlGroup));
  await removed(controlGroup);
}

/** A group may be busy for a moment after its last process. One that stays is removed by the next supervisor. */
async function removed(controlGroup: ControlGroup | undefined): Promise<void> {
  for (let attempt = 0; attempt < 20 && controlGroup?.remove() === false; attempt++) await moment();
}

/** Kills all of a tree but the evaluator itself and its guard, and waits until that is gone. */
export async function endDescendants(
  evaluator: number,
  { tree, group, controlGroup }: Roots,
  executionId: string,
): Promise<void> {
  const suspects = new Set<number>();
  await untilNoneIsLeft(() => {
    tree.walk();
    const found = [...tree.pids, ...processesMarked(executionMark, executionId)];
    // Read last: who was in the group then has perhaps gone since, and left a child there.
    const inGroup = (controlGroup?.pids() ?? []).filter((pid) => pid !== evaluator && pid !== group);
    for (const pid of found) if (pid !== evaluator && pid !== group) suspects.add(pid);
    for (const pid of inGroup) suspects.add(pid);
    killLiving(suspects, evaluator);
    return suspects.size > 0 || inGroup.length > 0;
  }, quietLooks(controlGroup));
}

/**
 * How many looks on end must find nothing. A control group knows its own. Elsewhere a process escapes one look that is born while
 * the look goes on, of a parent that is gone before its turn comes, or whose environment the kernel is just replacing (`execve`).
 */
function quietLooks(controlGroup: ControlGroup | undefined): number {
  return controlGroup === undefined ? 2 : 1;
}

/** Kills what lives of them, with its children, and forgets the others. */
function killLiving(suspects: Set<number>, spared?: number): void {
  for (const pid of suspects) {
    if (!isAlive(pid)) suspects.delete(pid);
    else {
      // A set's iteration meets what is added meanwhile: its children are killed in the same pass.
      for (const child of childrenOf(pid)) if (child !== spared) suspects.add(child);
      kill(pid);
    }
  }
}

/** What cannot be killed at once, held by the kernel or another user's, is not worth a core: looks become rarer. */
const longestMomentMs = 100;
const hastyLooks = 20;

/** @param look whether anything was found */
async function untilNoneIsLeft(look: () => boolean, quietLooks: number): Promise<void> {
  let quiet = 0;
  for (let looks = 1; ; looks++) {
    quiet = look() ? 0 : quiet + 1;
    if (quiet === quietLooks) return;
    await moment(Math.min(longestMomentMs, Math.max(1, looks - hastyLooks)));
  }
}

function moment(ms = 1): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
