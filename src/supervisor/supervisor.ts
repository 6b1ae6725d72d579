import { reasonOf } from '../errors/index.ts';
import { machineNowMs, type HostToSupervisor, type Limits, type StartOrder, type Verdict } from '../wire/index.ts';
import { boundedLimits, fits, reservedMb, type CapacityLimits } from './capacity.ts';
import { ContainedProcess } from './contained-process.ts';
import type { Containment } from './containment.ts';
import { unenforceable } from './describe-containment.ts';
import { Evaluation } from './evaluation.ts';
import type { Tell } from './reporter.ts';
import { GpuProbe } from './gpu-probe.ts';
import { settledUnstarted } from './settlement.ts';
import { Standby } from './standby.ts';

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
  readonly #standby: Standby;
  readonly #gpu = new GpuProbe();
  readonly #defaults: CapacityLimits;
  #capacity: CapacityLimits;
  #waiting: Waiting[] = [];
  #isEnding = false;

  constructor({ containment, capacity, tell }: SupervisorOptions) {
    this.#containment = containment;
    this.#defaults = capacity;
    this.#capacity = capacity;
    this.#tell = tell;
    this.#standby = new Standby(containment, () => {
      this.#fill();
    });
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
        if (this.#isEnding) break; // nobody waits for it any more
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
      case 'pace':
        this.#running.get(message.id)?.pace(message.order, message.pauseMs);
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
    this.#gpu.end();
    const running = [...this.#running.values()];
    for (const evaluation of running) evaluation.kill();
    await Promise.all([...running.map(({ gone }) => gone), this.#standby.end()]);
  }

  /** Sends every kill there is to send, and waits for nothing. */
  strike(): void {
    for (const evaluation of this.#running.values()) evaluation.strike();
    this.#standby.strike();
    this.#gpu.end();
  }

  /** Starts what waits, in order, while there is room: evaluators that only wait make room. */
  #fill(): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!this.#hasRoomFor(next.order)) {
        this.#standby.makeRoomFor(next.order);
        return;
      }
      this.#waiting.shift();
      this.#start(next);
    }
  }

  #hasRoomFor(order: StartOrder): boolean {
    const reserved = (limits: Limits): number => reservedMb(limits, this.#capacity);
    const running = [...this.#running.values()].map((each) => reserved(each.order.limits));
    return fits(reserved(order.limits), [...running, ...this.#standby.inUseMb(order, reserved)], this.#capacity);
  }

  #start(waiting: Waiting): void {
    const { order: wanted, sinceMs } = waiting;
    const queuedMs = machineNowMs() - sinceMs;
    const order = { ...wanted, limits: boundedLimits(wanted.limits, this.#capacity) };
    let process: ContainedProcess | undefined;
    let evaluation: Evaluation;
    try {
      const ready = this.#standby.take(order);
      process = ready?.process ?? new ContainedProcess(order, this.#containment);
      this.#standby.served(process);
      evaluation = new Evaluation(order, process, {
        queuedMs,
        loading: ready?.loading ?? 'to begin',
        unenforceable: unenforceable(this.#containment, order.program.kind, order.limits),
        gpu: this.#gpu,
        tell: this.#tell,
      });
    } catch (error) {
      const message = `The evaluation could not be started: ${reasonOf(error)}`;
      const verdict: Verdict = { kind: 'failed', errorKind: 'rejected', code: 'EVALUATION_NOT_STARTED', message };
      const gone = process === undefined ? Promise.resolve() : this.#standby.dismiss(process);
      void gone.then(() => this.#tell(settledUnstarted(order.id, verdict, queuedMs)));
      return;
    }
    this.#running.set(order.id, evaluation);
    void evaluation.gone.then((kept) => {
      this.#running.delete(order.id);
      if (evaluation.hasToBeginAnew) {
        // Its room is still its own.
        this.#start(waiting);
        return;
      }
      if (kept !== undefined) this.#standby.hold(order.id, kept, order);
      else if (evaluation.wasLoaded) this.#replace(order);
      this.#fill();
    });
  }

  /** The host has read an answer, or could not. */
  #answered(id: string, isReadable: boolean): void {
    const gone = this.#standby.judge(id, isReadable);
    if (gone === undefined) this.#fill();
    else
      void gone.then((order) => {
        if (!isReadable) this.#tell({ type: 'discarded', id });
        if (order !== undefined) this.#replace(order);
      });
  }

  /** In place of a process that was ended another is loaded, if there is room that nobody waits for. */
  #replace(order: StartOrder): void {
    const atWork = [...this.#running.values()].map((each) => each.order);
    if (this.#waiting.length === 0 && this.#hasRoomFor(order)) this.#standby.load(order, atWork);
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
