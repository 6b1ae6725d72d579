import { HeldFile, isAlive, listProc, parseStat, readProc, residentBytes } from './process-files.ts';

/** What is read of a member at every look. */
interface Statm {
  readonly read: () => string | undefined;
  readonly close: () => void;
}

/** Descriptors are few: of the members beyond so many, nothing is held. */
const mostHeld = 64;
/** A process has its pid a little before it hangs in the tree, and longer where its parent has to wait for a core. */
const bornWithinMs = 100;
/** Nothing stays unseen for longer, whatever a walk has missed. */
const walkEveryMs = 1000;

/**
 * A process and everything it has started, as it changes. Null-safe: without /proc its measures are `null`.
 *
 * Orphans stay known: what was once seen in the tree is measured until it is gone.
 */
export class ProcessTree {
  readonly #members = new Map<number, Statm>();
  readonly #root: number;
  readonly #loadAverage = new HeldFile('/proc/loadavg');
  #seenLastPid: string | undefined;
  #birthMs = -Infinity;
  #walkMs = -Infinity;
  #cpuMs: number | null = null;

  constructor(root: number) {
    this.#root = root;
    this.walk();
  }

  /** Every member that is known, the root first. */
  get pids(): readonly number[] {
    return [...this.#members.keys()];
  }

  /** Looks for new members: when any process was born on the machine, once more soon after it, and once a second. */
  refresh(): void {
    const nowMs = performance.now();
    const pid = lastPidIn(this.#loadAverage.read());
    const isBirth = pid === undefined || pid !== this.#seenLastPid;
    this.#seenLastPid = pid;
    const bornMs = this.#birthMs + bornWithinMs;
    const againMs = this.#walkMs < bornMs ? bornMs : this.#walkMs + walkEveryMs;
    if (!isBirth && nowMs < againMs) return;
    if (isBirth) this.#birthMs = nowMs;
    this.walk();
  }

  /** Looks for new members below all that are known. */
  walk(): void {
    this.#walkMs = performance.now();
    this.#admit(this.#root);
    for (const pid of this.#members.keys()) {
      // A map's iteration meets what is added meanwhile: grandchildren are walked in the same pass.
      for (const child of childrenOf(pid)) this.#admit(child);
    }
  }

  /** Resident MB of all members, or `null` where it cannot be measured. */
  residentMb(): number | null {
    let bytes: number | null = null;
    for (const [pid, statm] of this.#members) {
      const resident = residentBytes(statm.read());
      if (resident === null) this.#forget(pid);
      else bytes = (bytes ?? 0) + resident;
    }
    return bytes === null ? null : bytes / 2 ** 20;
  }

  /**
   * CPU milliseconds of all members so far and of the children they have waited for; `null` where it cannot be measured. It never
   * falls: where a member has gone unwaited for, it stands still until the others have used as much.
   */
  cpuMs(): number | null {
    let total: number | null = null;
    for (const pid of this.#members.keys()) {
      const used = parseStat(readProc(`/proc/${pid}/stat`))?.cpuMs;
      if (used !== undefined) total = (total ?? 0) + used;
    }
    if (total !== null) this.#cpuMs = Math.max(total, this.#cpuMs ?? 0);
    return this.#cpuMs;
  }

  close(): void {
    this.#loadAverage.close();
    for (const pid of [...this.#members.keys()]) this.#forget(pid);
  }

  #admit(pid: number): void {
    if (this.#members.has(pid) || !isAlive(pid)) return;
    const path = `/proc/${pid}/statm`;
    const statm =
      this.#members.size < mostHeld ? new HeldFile(path) : { read: () => readProc(path), close: () => undefined };
    this.#members.set(pid, statm);
  }

  #forget(pid: number): void {
    this.#members.get(pid)?.close();
    this.#members.delete(pid);
  }
}

/** The last pid that the machine gave away: while it stands still no process and no thread was born. */
export function lastPid(): string | undefined {
  return lastPidIn(readProc('/proc/loadavg'));
}

function lastPidIn(loadAverage: string | undefined): string | undefined {
  return loadAverage?.trimEnd().split(' ').at(-1);
}

/** The children of every thread of a process. */
export function childrenOf(pid: number): number[] {
  return listProc(`/proc/${pid}/task`).flatMap((thread) =>
    (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
}

/** The living processes of the machine whose environment has `variable=value`, wherever they hang in the tree. */
export function processesMarked(variable: string, value: string): number[] {
  const mark = `${variable}=${value}\0`;
  return listProc('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && (readProc(`/proc/${pid}/environ`) ?? '').includes(mark) && isAlive(pid));
}
