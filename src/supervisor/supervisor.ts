import { reasonOf } from '../errors/index.ts';
import { machineNowMs, type HostToSupervisor, type StartOrder, type Verdict } from '../wire/index.ts';
import { boundedLimits, fits, reservedMb, type CapacityLimits } from './capacity.ts';
import { ContainedProcess } from './contained-process.ts';
import type { Containment } from './containment.ts';
import { unenforceable } from './describe-containment.ts';
import { Evaluation } from './evaluation.ts';
import type { Tell } from './reporter.ts';
import { settledUnstarted } from './settlement.ts';
import { Spare } from './spare.ts';
import { warmKeyOf, WarmPool } from './warm-pool.ts';

interface Waiting {
  readonly order: StartOrder;
  readonly sinceMs: number;
}

export interface SupervisorOptions {
  readonly containment: Containment;
  readonly capacity: CapacityLimits;
  readonly tell: Tell;
}

/**
 * Owns the evaluators' processes: bounds what they use together, and passes on what the host says to each.
 *
 * It never runs a user's code, so that nothing there can keep it from holding a limit.
 */
export class Supervisor {
  readonly #containment: Containment;
  readonly #tell: Tell;
  readonly #running = new Map<string, Evaluation>();
  readonly #pool = new WarmPool();
  readonly #spares = new Map<Spare, string>();
  /** They have answered, and the host has not read it yet. */
  readonly #unread = new Map<string, { readonly process: ContainedProcess; readonly order: StartOrder }>();
  /** Evicted, and not gone yet. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #defaults: CapacityLimits;
  #capacity: CapacityLimits;
  #waiting: Waiting[] = [];
  #isEnding = false;

  constructor({ containment, capacity, tell }: SupervisorOptions) {
    this.#containment = containment;
    this.#defaults = capacity;
    this.#capacity = capacity;
    this.#tell = tell;
  }

  onMessage(message: HostToSupervisor): void {
    switch (message.type) {
      case 'capacity': {
        const { maxProcesses, totalMemoryMb } = message.capacity;
        this.#capacity = {
          maxProcesses: maxProcesses ?? this.#defaults.maxProcesses,
          totalMemoryMb: totalMemoryMb ?? this.#defaults.totalMemoryMb,
        };
        this.#fill();
        break;
      }
      case 'start':
        this.#waiting.push({ order: message.order, sinceMs: machineNowMs() });
        this.#fill();
        break;
      case 'abort':
        this.#running.get(message.id)?.abort();
        this.#leaveQueue(message.id);
        break;
      case 'kill':
        this.#running.get(message.id)?.kill();
        this.#leaveQueue(message.id);
        break;
      case 'answered':
        this.#answered(message.id, message.isReadable);
        break;
      case 'ping':
        this.#tell({ type: 'pong' });
        break;
    }
  }

  /** Ends everything; resolves when nothing is left. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#waiting = [];
    const running = [...this.#running.values()];
    for (const evaluation of running) evaluation.kill();
    const spares = [...this.#spares.keys()];
    for (const spare of spares) spare.end();
    for (const { process } of this.#unread.values()) void this.#end(process);
    this.#unread.clear();
    while (this.#evict());
    await Promise.all([...running.map(({ gone }) => gone), ...spares.map(({ loaded }) => loaded), ...this.#leaving]);
  }

  /** Sends every kill there is to send, and waits for nothing. */
  strike(): void {
    for (const evaluation of this.#running.values()) evaluation.strike();
    for (const spare of this.#spares.keys()) spare.strike();
    for (const { process } of this.#unread.values()) process.strike();
    for (let idle = this.#pool.evict(); idle !== undefined; idle = this.#pool.evict()) idle.strike();
  }

  /** Starts what waits, in order, while there is room: evaluators that only wait make room. */
  #fill(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const key = warmKeyOf(next.order);
      // A spare will be loaded sooner than another process.
      if ([...this.#spares.values()].includes(key) && !this.#pool.has(key)) return;
      if (!this.#hasRoomFor(next.order, key)) {
        if (!this.#evict(key)) return;
        continue;
      }
      this.#waiting.shift();
      this.#start(next, key);
    }
  }

  #hasRoomFor(order: StartOrder, key: string): boolean {
    const running = [...this.#running.values()].map((each) => reservedMb(each.order.limits, this.#capacity));
    const spares = [...this.#spares.keys()].map(() => 0);
    const others = [...this.#leaving, ...this.#unread].map(() => 0);
    const inUseMb = [...running, ...spares, ...others, ...this.#pool.inUseMb(key)];
    return fits(reservedMb(order.limits, this.#capacity), inUseMb, this.#capacity);
  }

  /** @returns false where nobody is left to go. */
  #evict(key?: string): boolean {
    const idle = this.#pool.evict(key);
    if (idle === undefined) return false;
    void this.#end(idle);
    return true;
  }

  #end(idle: ContainedProcess): Promise<void> {
    const gone = idle.end().then(() => {
      idle.close();
      this.#leaving.delete(gone);
      this.#fill();
    });
    this.#leaving.add(gone);
    return gone;
  }

  #start({ order: wanted, sinceMs }: Waiting, key: string): void {
    const queuedMs = machineNowMs() - sinceMs;
    const order = { ...wanted, limits: boundedLimits(wanted.limits, this.#capacity) };
    let process: ContainedProcess | undefined;
    let evaluation: Evaluation;
    try {
      const warm = order.warm === undefined ? undefined : this.#pool.take(key);
      process = warm ?? new ContainedProcess(order, this.#containment);
      this.#pool.served(process);
      evaluation = new Evaluation(order, process, {
        queuedMs,
        isLoaded: warm !== undefined,
        unenforceable: unenforceable(this.#containment, order.program.kind),
        tell: this.#tell,
      });
    } catch (error) {
      if (process !== undefined) void this.#end(process);
      const message = `The evaluation could not be started: ${reasonOf(error)}`;
      const verdict: Verdict = { kind: 'failed', errorKind: 'rejected', code: 'EVALUATION_NOT_STARTED', message };
      this.#tell(settledUnstarted(order.id, verdict, queuedMs));
      return;
    }
    this.#running.set(order.id, evaluation);
    void evaluation.gone.then((kept) => {
      this.#running.delete(order.id);
      if (kept === undefined) this.#replace(wanted, evaluation.wasLoaded);
      else if (this.#isEnding) void this.#end(kept);
      else this.#unread.set(order.id, { process: kept, order: wanted });
      this.#fill();
    });
  }

  /** A process whose answer could be read is kept, unless it has served enough. */
  #answered(id: string, isReadable: boolean): void {
    const unread = this.#unread.get(id);
    if (unread === undefined) {
      // Its process has ended meanwhile, or was none of ours.
      if (!isReadable) this.#tell({ type: 'discarded', id });
      return;
    }
    this.#unread.delete(id);
    if (!isReadable || !this.#pool.keep(unread.process, unread.order)) {
      const gone = this.#end(unread.process);
      if (!isReadable) void gone.then(() => this.#tell({ type: 'discarded', id }));
      this.#replace(unread.order, true);
    }
    this.#fill();
  }

  /** In place of a process that was ended another is loaded, if it can be. */
  #replace(order: StartOrder, wasLoaded: boolean): void {
    if (order.warm === undefined || this.#isEnding || !wasLoaded || this.#waiting.length > 0) return;
    const key = warmKeyOf(order);
    if (!this.#hasRoomFor(order, key)) return;
    try {
      const spare = new Spare(order, new ContainedProcess(order, this.#containment));
      this.#spares.set(spare, key);
      void spare.loaded.then((loaded) => {
        this.#spares.delete(spare);
        if (loaded !== undefined && (this.#isEnding || !this.#pool.keep(loaded, order))) void this.#end(loaded);
        this.#fill();
      });
    } catch {
      // The next evaluation starts its own, and tells why it cannot.
    }
  }

  /** What has not begun is stopped by not beginning. */
  #leaveQueue(id: string): void {
    const waiting = this.#waiting.find(({ order }) => order.id === id);
    if (waiting === undefined) return;
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    const at = Date.now();
    const verdict: Verdict = { kind: 'stopped', killedAt: at, goneAt: at };
    this.#tell(settledUnstarted(id, verdict, machineNowMs() - waiting.sinceMs));
    this.#fill();
  }
}
