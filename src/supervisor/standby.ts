import { randomUUID } from 'node:crypto';
import type { Limits, StartOrder } from '../wire/index.ts';
import { ContainedProcess } from './contained-process.ts';
import type { Containment } from './containment.ts';
import type { Loading } from './evaluation.ts';
import { Spare } from './spare.ts';
import { warmKeyOf, WarmPool } from './warm-pool.ts';

/** A process that need not be started any more. */
export interface Ready {
  readonly process: ContainedProcess;
  readonly loading: Loading;
}

interface Unread {
  readonly process: ContainedProcess;
  readonly order: StartOrder;
}

/** All processes that serve nobody at the moment: idle and loading ones, those whose answer is being read, those that leave. */
export class Standby {
  readonly #containment: Containment;
  readonly #onChange: () => void;
  readonly #pool = new WarmPool((process) => void this.dismiss(process));
  readonly #spares = new Set<Spare>();
  /** They have answered, and the host has not read it yet. */
  readonly #unread = new Map<string, Unread>();
  /** Told to go, and not gone yet. */
  readonly #leaving = new Set<Promise<void>>();
  #isEnding = false;

  /** @param onChange called when one has come or gone */
  constructor(containment: Containment, onChange: () => void) {
    this.#containment = containment;
    this.#onChange = onChange;
  }

  /** The process that such an evaluation gets, if there is one. */
  take(order: StartOrder): Ready | undefined {
    if (order.warm === undefined) return undefined;
    const idle = this.#pool.take(warmKeyOf(order));
    if (idle !== undefined) return { process: idle, loading: this.#pool.hasServed(idle) ? 'to repeat' : 'done' };
    const process = this.#spareFor(warmKeyOf(order))?.give();
    return process && { process, loading: 'begun' };
  }

  /** An evaluation was given to a process. */
  served(process: ContainedProcess): void {
    this.#pool.served(process);
  }

  /**
   * MB of each, but for the one that such an evaluation would get.
   *
   * @param reservedMb what is set aside for one that loads
   */
  inUseMb(order: StartOrder, reservedMb: (limits: Limits) => number): number[] {
    const key = warmKeyOf(order);
    const own = this.#pool.count(key) > 0 ? undefined : this.#spareFor(key);
    const loading = [...this.#spares].filter((spare) => spare !== own);
    return [
      ...this.#pool.inUseMb(key),
      ...loading.map((spare) => reservedMb(spare.order.limits)),
      ...[...this.#unread.values()].map(({ process }) => process.tree.residentMb() ?? 0),
      ...[...this.#leaving].map(() => 0),
    ];
  }

  /** Lets one go, so that such an evaluation finds room; one after the other. */
  makeRoomFor(order: StartOrder): void {
    if (this.#leaving.size > 0 || [...this.#spares].some((spare) => !spare.isLoading)) return;
    const key = warmKeyOf(order);
    const idle = this.#pool.evict(key);
    if (idle !== undefined) void this.dismiss(idle);
    else [...this.#spares].find((spare) => warmKeyOf(spare.order) !== key)?.end();
  }

  /** Holds a process that has answered until the host says whether the answer is good. */
  hold(id: string, process: ContainedProcess, order: StartOrder): void {
    if (this.#isEnding) void this.dismiss(process);
    else this.#unread.set(id, { process, order });
  }

  /**
   * Keeps a process whose answer could be read, unless it has served enough. @returns where it has to go, when it is gone: the order
   * that it was started for.
   */
  judge(id: string, isReadable: boolean): Promise<StartOrder | undefined> | undefined {
    const unread = this.#unread.get(id);
    // Its process has ended meanwhile, or was none of ours.
    if (unread === undefined) return Promise.resolve(undefined);
    this.#unread.delete(id);
    const { process, order } = unread;
    if (isReadable && this.#pool.keep(process, order)) return undefined;
    return this.dismiss(process).then(() => order);
  }

  /** Ends a process that nobody will have; resolves when it is gone. */
  dismiss(process: ContainedProcess): Promise<void> {
    const gone = process.end().then(() => {
      process.close();
      this.#leaving.delete(gone);
      this.#onChange();
    });
    this.#leaving.add(gone);
    return gone;
  }

  /**
   * Loads another process for such evaluations, unless there are enough.
   *
   * @param atWork the orders of those that serve: they come back, and would find their place taken
   */
  load(order: StartOrder, atWork: Iterable<StartOrder>): void {
    const key = warmKeyOf(order);
    const others = [...this.#spares, ...this.#unread.values()].map((each) => each.order);
    const present = this.#pool.count(key) + [...others, ...atWork].filter((each) => warmKeyOf(each) === key).length;
    const isKept = order.warm !== undefined && present < order.warm.keep && this.#containment.parentDeathSignal;
    if (this.#isEnding || !isKept) return;
    // What ends the old process looks for its mark: this one has another.
    const own = { ...order, id: randomUUID() };
    let spare: Spare;
    try {
      spare = new Spare(own, new ContainedProcess(own, this.#containment));
    } catch {
      return; // the next evaluation starts its own, and tells why it cannot
    }
    this.#spares.add(spare);
    void spare.loaded.then((process) => {
      this.#spares.delete(spare);
      if (process !== undefined && (this.#isEnding || !this.#pool.keep(process, own))) void this.dismiss(process);
      this.#onChange();
    });
  }

  /** Ends all of them; resolves when nothing is left. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const spares = [...this.#spares];
    for (const spare of spares) spare.end();
    for (const { process } of this.#unread.values()) void this.dismiss(process);
    this.#unread.clear();
    for (let idle = this.#pool.evict(); idle !== undefined; idle = this.#pool.evict()) void this.dismiss(idle);
    await Promise.all([...spares.map(({ loaded }) => loaded), ...this.#leaving]);
  }

  /** Sends every kill there is to send, and waits for nothing. */
  strike(): void {
    for (const spare of this.#spares) spare.strike();
    for (const { process } of this.#unread.values()) process.strike();
    for (let idle = this.#pool.evict(); idle !== undefined; idle = this.#pool.evict()) idle.strike();
  }

  #spareFor(key: string): Spare | undefined {
    return [...this.#spares].find((spare) => spare.isLoading && warmKeyOf(spare.order) === key);
  }
}
