import { machineNowMs, type StartOrder } from '../wire/index.ts';
import { warmLifeMs, type ContainedProcess } from './contained-process.ts';

/** A loaded evaluator that waits for its next evaluation, stopped. */
interface Idle {
  readonly process: ContainedProcess;
  readonly key: string;
  readonly residentMb: number;
  readonly retirement: NodeJS.Timeout;
}

/** How often a process has served, and since when it lives. */
interface Service {
  served: number;
  readonly bornMs: number;
}

/**
 * What must be the same for two evaluations to be served by one process: also the limits that it was started under. An evaluation
 * that wants no warm process has nothing in common with any other.
 */
export function warmKeyOf({ id, warm, program, env, limits, graceMs }: StartOrder): string {
  return warm === undefined ? id : JSON.stringify([program, env, limits, graceMs]);
}

/**
 * Loaded evaluators between two evaluations. Each is stopped (SIGSTOP) while it waits: what an earlier evaluation has left running
 * in it costs nothing. Where a process cannot be stopped without outliving its supervisor, none is kept.
 */
export class WarmPool {
  readonly #idle = new Set<Idle>();
  readonly #services = new WeakMap<ContainedProcess, Service>();
  readonly #retire: (process: ContainedProcess) => void;

  /** @param retire ends what has died while it waited, or has become too old to serve again */
  constructor(retire: (process: ContainedProcess) => void) {
    this.#retire = retire;
  }

  /** Resident MB of each that waits, but for the one that an evaluation with this key would get. */
  inUseMb(key?: string): number[] {
    const own = this.#find(key);
    return [...this.#idle].filter((each) => each !== own).map(({ residentMb }) => residentMb);
  }

  /** How many wait for such an evaluation. */
  count(key: string): number {
    return [...this.#idle].filter((each) => each.key === key).length;
  }

  /** The process that waits for such an evaluation, woken. */
  take(key: string): ContainedProcess | undefined {
    const found = this.#find(key);
    if (found === undefined) return undefined;
    this.#forget(found);
    found.process.resume();
    return found.process;
  }

  /** Keeps a process that has answered, or has just loaded. @returns false where it may not serve again. */
  keep(process: ContainedProcess, order: StartOrder): boolean {
    const { warm } = order;
    const key = warmKeyOf(order);
    const { served, bornMs } = this.#serviceOf(process);
    const lifeLeftMs = bornMs + warmLifeMs - machineNowMs();
    if (warm === undefined || process.hasExited || !process.mayBeStopped || lifeLeftMs <= 0) return false;
    if (served >= warm.recycleAfter || this.count(key) >= warm.keep) return false;
    const retirement = setTimeout(() => {
      this.#retireIdle(idle);
    }, lifeLeftMs).unref();
    const idle: Idle = { process, key, residentMb: process.tree.residentMb() ?? 0, retirement };
    this.#idle.add(idle);
    process.let({
      onFrame: () => undefined,
      onExit: () => {
        this.#retireIdle(idle);
      },
    });
    process.pause();
    return true;
  }

  /** Whether an evaluation was given to a process before. */
  hasServed(process: ContainedProcess): boolean {
    return this.#serviceOf(process).served > 0;
  }

  /** One more evaluation was given to a process. */
  served(process: ContainedProcess): void {
    this.#serviceOf(process).served++;
  }

  /** Takes out the one that has waited longest, to be ended; not the one that an evaluation with `key` would get. */
  evict(key?: string): ContainedProcess | undefined {
    const own = this.#find(key);
    for (const idle of this.#idle) {
      if (idle === own) continue;
      this.#forget(idle);
      return idle.process;
    }
    return undefined;
  }

  #find(key: string | undefined): Idle | undefined {
    for (const idle of this.#idle) if (idle.key === key && !idle.process.hasExited) return idle;
    return undefined;
  }

  #retireIdle(idle: Idle): void {
    this.#forget(idle);
    this.#retire(idle.process);
  }

  #forget(idle: Idle): void {
    this.#idle.delete(idle);
    clearTimeout(idle.retirement);
    idle.process.let(undefined);
  }

  #serviceOf(process: ContainedProcess): Service {
    const service = this.#services.get(process) ?? { served: 0, bornMs: machineNowMs() };
    this.#services.set(process, service);
    return service;
  }
}
