import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isGone } from '../probes/index.ts';
import { groupFolders } from './control-group-folders.ts';

/**
 * A control group (version 2) of one evaluation: what is started in it stays in it, also after `setsid`, with a cleared environment
 * and without its parents. Nothing here throws: a group that has vanished is empty.
 */
export class ControlGroup {
  readonly path: string;
  #cpuMs: number | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** Kills all that is in it, in one call that no `fork` escapes; false where it could not be told. */
  kill(): boolean {
    return written(join(this.path, 'cgroup.kill'), '1');
  }

  /**
   * How much its processes count against the groups beside it, where the kernel weighs groups: there their priority counts only among
   * themselves. Elsewhere it does nothing.
   */
  weigh(weight: keyof typeof weights): void {
    const path = join(this.path, 'cpu.weight');
    if (contentOf(path) !== undefined) written(path, weights[weight]);
  }

  /** Whether a living process is in it or in a group below it. */
  isPopulated(): boolean {
    return count(join(this.path, 'cgroup.events'), 'populated') > 0;
  }

  /** The processes in it and in the groups below it. One of another pid namespace is 0 there, and left out. */
  pids(): readonly number[] {
    return groupsBelow(this.path).flatMap((folder) =>
      (contentOf(join(folder, 'cgroup.procs')) ?? '').split('\n').map(Number).filter(Boolean),
    );
  }

  /**
   * Processor milliseconds of all that is or was in it and in the groups below it, also of what nobody has waited for; `null` where
   * the kernel tells none, and where nothing has ever been in it.
   */
  cpuMs(): number | null {
    const usedMs = count(join(this.path, 'cpu.stat'), 'usage_usec') / 1000;
    if (usedMs > 0) this.#cpuMs = usedMs;
    return this.#cpuMs;
  }

  /** How many of its processes the kernel has killed for passing `memory.max`. */
  outOfMemoryKills(): number {
    return count(join(this.path, 'memory.events'), 'oom_kill');
  }

  /** Removes it, with the groups below it; false while a process is in it, or is not yet quite gone. */
  remove(): boolean {
    return groupsBelow(this.path).reverse().every(removed);
  }
}

/** Of the kernel's 1 to 10000: what a group has without a word is 100. */
const weights = { least: '1', normal: '100' };

const prefix = 'pitwall-';

/** Makes the evaluations' control groups in a folder that was found to be writable. */
export class ControlGroups {
  readonly folder: string;
  /** The kernel holds a group's memory too. */
  readonly holdsMemory: boolean;
  readonly #prefix = `${prefix}${identityOf(process.pid)}-`;

  constructor(folder: string, holdsMemory: boolean) {
    this.folder = folder;
    this.holdsMemory = holdsMemory;
  }

  /**
   * Makes the group of an execution; `undefined` where it cannot be made.
   *
   * @param memoryMb its evaluation's limit. The group's own lies above: the supervisor's look, which knows more, is to come first.
   */
  create(executionId: string, memoryMb?: number): ControlGroup | undefined {
    const path = join(this.folder, `${this.#prefix}${executionId.replaceAll(/[^\w-]/g, '_')}`);
    if (!made(path)) return undefined;
    if (this.holdsMemory && memoryMb !== undefined && Number.isFinite(memoryMb)) {
      written(join(path, 'memory.max'), String(Math.ceil(memoryMb * 1.25 + 64) * 2 ** 20));
      written(join(path, 'memory.swap.max'), '0');
      written(join(path, 'memory.oom.group'), '1');
    }
    return new ControlGroup(path);
  }

  /** The groups of supervisors that are gone. */
  left(): readonly ControlGroup[] {
    return namesIn(this.folder)
      .filter((name) => {
        const owner = /^pitwall-(\d+-\d+-\d+)-/.exec(name)?.[1];
        return owner !== undefined && isGone(owner);
      })
      .map((name) => new ControlGroup(join(this.folder, name)));
  }

  /** Kills what supervisors that are gone have left, and removes their groups; false while one of them is populated. */
  sweep(): boolean {
    const populated = this.left().filter((group) => {
      if (!group.isPopulated()) group.remove();
      return group.isPopulated();
    });
    for (const group of populated) group.kill();
    return populated.length === 0;
  }
}

/** The first folder in which a group can be made, joined, killed and removed. */
export function tryControlGroups(): ControlGroups | undefined {
  for (const { folder, holdsMemory } of groupFolders()) {
    const groups = new ControlGroups(folder, holdsMemory());
    if (tryGroup(groups)) return groups;
  }
  return undefined;
}

/** A shell joins and kills the group: it dies of that, or one of both was in vain. */
const suicide = 'echo 0 >"$1/cgroup.procs" && echo 1 >"$1/cgroup.kill"; exit 1';

function tryGroup(groups: ControlGroups): boolean {
  const group = groups.create('tried');
  if (group === undefined) return false;
  const { signal } = spawnSync('sh', ['-c', suicide, 'sh', group.path], { stdio: 'ignore', timeout: 2000 });
  // Killed by our own patience it would have been SIGTERM.
  return group.remove() && signal === 'SIGKILL';
}

/** A folder of groups and all below it, those above first. */
function groupsBelow(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
  return [folder, ...names.flatMap((name) => groupsBelow(join(folder, name)))];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** The number after a word at the beginning of a line; 0 where there is none. */
function count(path: string, word: string): number {
  return Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(contentOf(path) ?? '')?.[1] ?? 0);
}

function written(path: string, text: string): boolean {
  try {
    writeFileSync(path, text);
    return true;
  } catch {
    return false;
  }
}

function made(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
