import { machineNowMs, type StartOrder } from '../wire/index.ts';
import { warmLifeMs, type ContainedProcess } from './contained-process.ts';

/** A loaded evaluator that waits for its next evaluation, stopped. */
interface Idle {
  readonly process: ContainedProcess;
  readonly key: string;
  readonly residentMb: number;
}

/** How often a process has served, and since when it lives. */
interface Service {
  served: number;
  readonly bornMs: number;
}

/** What must be the same for two evaluations to be served by one process: also the limits that it was started under. */
export function warmKeyOf({ program, env, limits, graceMs }: StartOrder): string {
  return JSON.stringify([program, env, limits, graceMs]);
}

/**
 * Loaded evaluators between two evaluations. Each is stopped (SIGSTOP) while it waits: what an earlier evaluation has left running
 * in it costs nothing.
 */
export class WarmPool {
  readonly #idle = new Set<Idle>();
  readonly #services = new WeakMap<ContainedProcess, Service>();

  /** Resident MB of each that waits, but for the one that an evaluation with this key would get. */
  inUseMb(key?: string): number[] {
    const own = this.#find(key);
    return [...this.#idle].filter((each) => each !== own).map(({ residentMb }) => residentMb);
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined;
  }

  /** The process that waits for such an evaluation, woken. */
  take(key: string): ContainedProcess | undefined {
    const found = this.#find(key);
    if (found === undefined) return undefined;
    this.#idle.delete(found);
    found.process.let(undefined);
    found.process.resume();
    return found.process;
  }

  /** Keeps a process that has answered, or has just loaded. @returns false where it has served enough. */
  keep(process: ContainedProcess, order: StartOrder): boolean {
    const { warm } = order;
    const key = warmKeyOf(order);
    const service = this.#services.get(process) ?? { served: 0, bornMs: machineNowMs() };
    this.#services.set(process, service);
    const kept = [...this.#idle].filter((each) => each.key === key).length;
    const isOld = machineNowMs() - service.bornMs > warmLifeMs;
    if (warm === undefined || process.hasExited || isOld || kept >= warm.keep || service.served >= warm.recycleAfter)
      return false;
    const idle: Idle = { process, key, residentMb: process.tree.residentMb() ?? 0 };
    this.#idle.add(idle);
    process.let({
      onFrame: () => undefined,
      onExit: () => {
        this.#idle.delete(idle);
        void process.end().then(() => {
          process.close();
        });
      },
    });
    process.pause();
    return true;
  }

  /** One more evaluation was given to a process. */
  served(process: ContainedProcess): void {
    const service = this.#services.get(process) ?? { served: 0, bornMs: machineNowMs() };
    service.served++;
    this.#services.set(process, service);
  }

  /** Takes out the one that has waited longest, to be ended; not the one that an evaluation with `key` would get. */
  evict(key?: string): ContainedProcess | undefined {
    const own = this.#find(key);
    for (const idle of this.#idle) {
      if (idle === own) continue;
      this.#idle.delete(idle);
      idle.process.let(undefined);
      return idle.process;
    }
    return undefined;
  }

  #find(key: string | undefined): Idle | undefined {
    for (const idle of this.#idle)
      if (idle.key === key && this.#isYoung(idle.process) && !idle.process.hasExited) return idle;
    return undefined;
  }

  #isYoung(process: ContainedProcess): boolean {
    return machineNowMs() - (this.#services.get(process)?.bornMs ?? 0) <= warmLifeMs;
  }
}
