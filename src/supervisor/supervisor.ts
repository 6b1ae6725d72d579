import { reasonOf } from '../errors/index.ts';
import { machineNowMs, type HostToSupervisor, type StartOrder, type Verdict } from '../wire/index.ts';
import { EvaluationProcess } from './evaluation-process.ts';
import type { Containment } from './launch.ts';
import type { Tell } from './reporter.ts';
import { settledUnstarted } from './settlement.ts';

interface Waiting {
  readonly order: StartOrder;
  readonly sinceMs: number;
}

/**
 * Owns the evaluators' processes: bounds how many there are, and passes on what the host says to each.
 *
 * It never runs a user's code, so that nothing there can keep it from holding a limit.
 */
export class Supervisor {
  readonly #containment: Containment;
  readonly #maxProcesses: number;
  readonly #tell: Tell;
  readonly #running = new Map<string, EvaluationProcess>();
  #waiting: Waiting[] = [];

  constructor({ containment, maxProcesses, tell }: { containment: Containment; maxProcesses: number; tell: Tell }) {
    this.#containment = containment;
    this.#maxProcesses = maxProcesses;
    this.#tell = tell;
  }

  onMessage(message: HostToSupervisor): void {
    switch (message.type) {
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
      case 'ping':
        this.#tell({ type: 'pong' });
        break;
    }
  }

  /** Ends everything; resolves when nothing is left. */
  async end(): Promise<void> {
    this.#waiting = [];
    const running = [...this.#running.values()];
    for (const evaluation of running) evaluation.kill();
    await Promise.all(running.map(({ gone }) => gone));
  }

  /** Sends every kill there is to send, and waits for nothing. */
  strike(): void {
    for (const evaluation of this.#running.values()) evaluation.strike();
  }

  /** Starts what waits, in order, while there is room. */
  #fill(): void {
    while (this.#running.size < this.#maxProcesses) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#start(next);
    }
  }

  #start({ order, sinceMs }: Waiting): void {
    const queuedMs = machineNowMs() - sinceMs;
    let evaluation: EvaluationProcess;
    try {
      evaluation = new EvaluationProcess(order, this.#containment, queuedMs, this.#tell);
    } catch (error) {
      const reason = reasonOf(error);
      const message = `The evaluation could not be started: ${reason}`;
      const verdict: Verdict = { kind: 'failed', errorKind: 'rejected', code: 'EVALUATION_NOT_STARTED', message };
      this.#tell(settledUnstarted(order.id, verdict, queuedMs));
      return;
    }
    this.#running.set(order.id, evaluation);
    void evaluation.gone.then(() => {
      this.#running.delete(order.id);
      this.#fill();
    });
  }

  /** What has not begun is stopped by not beginning. */
  #leaveQueue(id: string): void {
    const waiting = this.#waiting.find(({ order }) => order.id === id);
    if (waiting === undefined) return;
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
    const at = Date.now();
    const verdict: Verdict = { kind: 'stopped', killedAt: at, goneAt: at };
    this.#tell(settledUnstarted(id, verdict, machineNowMs() - waiting.sinceMs));
  }
}
