import { HeldFile, isAlive, listProc, parseStat, readProc, residentBytes } from './process-files.ts';
import { ProcessorAccount, type ProcessTimes } from './processor-account.ts';
import { sharedOnceBytes } from './shared-once.ts';

/** What is read of a member at every look. */
interface Member {
  readonly sinceMs: number;
  readonly statm: () => string | undefined;
  readonly close: () => void;
}

/** Finds members that hang elsewhere, among those that were born after `pid`: orphans of parents that no look has seen. */
export type Strays = (after: { readonly pid: number }) => readonly number[];

/** Descriptors are few: of the members beyond so many, nothing is held. */
const mostHeld = 64;
/** Beyond so many births the whole machine is looked through. */
const mostNewborn = 500;
/** A process has its pid a little before it hangs in the tree, and longer where its parent has to wait for a core. */
const bornWithinMs = 100;
/** Nothing stays unseen for longer, whatever a walk has missed. */
const walkEveryMs = 1000;
/** So long a member may still have its parent's memory in the place of its own: between `fork` and `exec`. */
const youngMs = 1000;

/**
 * A process and everything it has started, as it changes. Null-safe: without /proc its measures are `null`.
 *
 * Orphans stay known: what was once seen in the tree, or is found by `strays`, is measured until it is gone.
 */
export class ProcessTree {
  readonly #members = new Map<number, Member>();
  readonly #root: number;
  readonly #strays: Strays;
  readonly #account = new ProcessorAccount();
  readonly #loadAverage = new HeldFile('/proc/loadavg');
  #seenLastPid: string | undefined;
  /** Of all up to this pid a walk has been long enough after their birth; of those up to the next, not yet. */
  #bornAfter: number;
  #bornAfterNext: number;
  #bornAfterMs = -Infinity;
  #birthMs = -Infinity;
  #walkMs = -Infinity;

  constructor(root: number, strays: Strays = () => []) {
    this.#root = root;
    this.#strays = strays;
    this.#bornAfter = root;
    this.#bornAfterNext = root;
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
    const bornMs = this.#birthMs + bornWithinMs;
    const haveAllBeenSeen = this.#walkMs >= bornMs;
    if (!isBirth && nowMs < (haveAllBeenSeen ? this.#walkMs + walkEveryMs : bornMs)) return;
    if (isBirth) this.#birthMs = nowMs;
    this.#seenLastPid = pid;
    this.walk();
  }

  /** Looks for new members below all that are known, and for strays. */
  walk(): void {
    this.#walkMs = performance.now();
    this.#admit(this.#root);
    for (const pid of this.#strays({ pid: this.#bornAfter })) this.#admit(pid);
    this.#forgetOldBirths();
    for (const pid of this.#members.keys()) {
      // A map's iteration meets what is added meanwhile: grandchildren are walked in the same pass.
      for (const child of childrenOf(pid)) this.#admit(child);
    }
  }

  /** Also where something is born all the time, what may still be found by its birth stays little. */
  #forgetOldBirths(): void {
    if (this.#walkMs - this.#bornAfterMs < bornWithinMs) return;
    this.#bornAfter = this.#bornAfterNext;
    this.#bornAfterNext = Number(this.#seenLastPid ?? this.#root);
    this.#bornAfterMs = this.#walkMs;
  }

  /** Resident MB of all members, or `null` where it cannot be measured. What two of them share counts twice. */
  residentMb(): number | null {
    let bytes: number | null = null;
    for (const [pid, { statm }] of this.#members) {
      const resident = residentBytes(statm());
      if (resident === null) this.#forget(pid);
      else bytes = (bytes ?? 0) + resident;
    }
    return bytes === null ? null : bytes / 2 ** 20;
  }

  /**
   * The same, for who would decide by it: while a member is so young that it may have its parent's memory for its own, what is shared
   * counts once. That takes some milliseconds a GB.
   */
  residentOnceMb(): number | null {
    const youngest = performance.now() - youngMs;
    const members = [...this.#members].map(([pid, { sinceMs, statm }]) => ({
      pid,
      statm,
      isYoung: sinceMs > youngest,
    }));
    return members.some(({ isYoung }) => isYoung) ? sharedOnceBytes(members) / 2 ** 20 : this.residentMb();
  }

  /**
   * CPU milliseconds of all members so far, and of what they have waited for; `null` where it cannot be measured. It never falls. Of
   * a member that has gone and that nobody has waited for, what it had used when this was last asked counts.
   */
  cpuMs(): number | null {
    const alive = new Map<number, ProcessTimes>();
    for (const pid of this.#members.keys()) {
      const times = parseStat(readProc(`/proc/${pid}/stat`))?.times;
      if (times !== undefined) alive.set(pid, times);
    }
    return this.#account.look(alive);
  }

  close(): void {
    this.#loadAverage.close();
    for (const pid of [...this.#members.keys()]) this.#forget(pid);
  }

  #admit(pid: number): void {
    if (this.#members.has(pid) || !isAlive(pid)) return;
    const path = `/proc/${pid}/statm`;
    const held = this.#members.size < mostHeld ? new HeldFile(path) : undefined;
    this.#members.set(pid, {
      sinceMs: performance.now(),
      statm: () => (held === undefined ? readProc(path) : held.read()),
      close: () => held?.close(),
    });
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

/** The same of those alone that were born after another, which costs little where they are few. A thread is no process. */
export function newbornMarked(variable: string, value: string, after: number): number[] {
  const last = Number(lastPid());
  const isFew = last >= after && last - after <= mostNewborn;
  if (!isFew) return processesMarked(variable, value);
  const mark = `${variable}=${value}\0`;
  const found: number[] = [];
  for (let pid = after + 1; pid <= last; pid++)
    if ((readProc(`/proc/${pid}/environ`) ?? '').includes(mark) && isProcess(pid) && isAlive(pid)) found.push(pid);
  return found;
}

function isProcess(pid: number): boolean {
  return readProc(`/proc/${pid}/status`)?.includes(`\nTgid:\t${pid}\n`) === true;
}
