import { childrenOf, isAlive, readProc } from '../probes/index.ts';

/** A process that this one has started, or one of those. */
export interface Descendant {
  readonly pid: number;
  /** Its command line. */
  readonly command: string;
}

/** What this process keeps at work: what it has started, and what keeps its event loop alive, by kind. */
export interface AtWork {
  readonly processes: readonly Descendant[];
  readonly resources: ReadonlyMap<string, number>;
}

/**
 * What stays by design as long as the program does: the supervisor, its shell until that has become it, and the compiler service of
 * a loader of TypeScript. Their children are looked at.
 */
const standing = /supervisor[\\/]entry\.[jt]s\b|\besbuild\b.*--service=/;

export function atWork(): AtWork {
  const resources = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) resources.set(kind, (resources.get(kind) ?? 0) + 1);
  return { processes: descendantsOf(process.pid).filter(({ command }) => !standing.test(command)), resources };
}

/** Everything below a process that lives. Nothing where there is no /proc. */
export function descendantsOf(pid: number): readonly Descendant[] {
  return childrenOf(pid)
    .filter((child) => isAlive(child))
    .flatMap((child) => [{ pid: child, command: commandOf(child) }, ...descendantsOf(child)]);
}

/** What the supervisors of this process have at work: evaluators, commands, and what those have started. */
export function evaluatorsAtWork(): readonly Descendant[] {
  return descendantsOf(process.pid)
    .filter(({ command }) => /supervisor[\\/]entry\.[jt]s\b/.test(command))
    .flatMap(({ pid }) => descendantsOf(pid))
    .filter(({ command }) => !standing.test(command));
}

/** What is at work now and was not before, as phrases. */
export function leftSince(before: AtWork, now: AtWork = atWork()): string[] {
  const known = new Set(before.processes.map(({ pid }) => pid));
  const resources = [...now.resources].flatMap(([kind, count]) => {
    const more = count - (before.resources.get(kind) ?? 0);
    return more > 0 ? [`${more} × ${kind} keeps the event loop alive`] : [];
  });
  return [...now.processes.filter(({ pid }) => !known.has(pid)).map(toldProcess), ...resources];
}

/** A phrase of it: of a long command line its beginning, and its end, where a program's own file stands. */
export function toldProcess({ pid, command }: Descendant): string {
  return `process ${pid}: ${command.length > 120 ? `${command.slice(0, 39)} … ${command.slice(-78)}` : command}`;
}

function commandOf(pid: number): string {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}
