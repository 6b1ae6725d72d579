import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';
import { reasonOf } from '../errors/index.ts';
import { brokenLimit, type Observation } from '../supervisor/limits.ts';
import { Output } from '../supervisor/output.ts';
import { progressReport, Reporter } from '../supervisor/reporter.ts';
import { usageOf, verdictOf, type Course, type Decision } from '../supervisor/settlement.ts';
import { machineNowMs, type Letters } from '../wire/index.ts';
import { nextThreadLookMs } from './thread-looks.ts';
import { sharedLettersReader } from './thread-letters-reader.ts';
import { letterboxMemory, partialReader } from './thread-mailbox.ts';
import type {
  ThreadBirth,
  ThreadOrder,
  ThreadToWatchdog,
  WatchdogToEvaluator,
  WatchdogToHost,
} from './thread-messages.ts';
import { startThread } from './thread-start.ts';

/** Sends to the host; false where a report was left out. */
export type TellHost = (message: WatchdogToHost, moved?: readonly ArrayBuffer[]) => boolean;

type Phase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'working'; readonly startedMs: number }
  | { readonly kind: 'ending'; readonly startedMs: number | undefined };

/** So long a thread that was told to end may take before its evaluation is settled without it. */
const patienceMs = 5000;

/** One evaluation's thread, from its start to its end, as the watchdog sees it. */
export class ThreadEvaluation {
  readonly #order: ThreadOrder;
  readonly #tell: TellHost;
  readonly #letterbox = letterboxMemory();
  readonly #readLetters = sharedLettersReader(this.#letterbox);
  readonly #places: (SharedArrayBuffer | undefined)[] = [];
  readonly #reporter: Reporter;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #output: Output;
  readonly #exited: Promise<void>;
  readonly #spawnedMs = machineNowMs();
  #phase: Phase = { kind: 'loading' };
  #thread: number | undefined;
  #cpuBeforeMs: number | null = null;
  #thrown: { readonly error: unknown } | undefined;
  #result: Uint8Array<ArrayBuffer> | undefined;
  #look: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #stopAsked = false;
  #ended: Promise<void> = Promise.resolve();
  /** Resolves when its thread has ended and the host was told. */
  readonly gone: Promise<void>;

  constructor(order: ThreadOrder, entry: URL, tell: TellHost) {
    this.#order = order;
    this.#tell = tell;
    this.#reporter = new Reporter(order.id, (message) => message.type === 'report' && tell(message));
    const { module, name, seed, maxResultMb } = order;
    const birth: ThreadBirth = { module, name, seed, maxResultMb, letterbox: this.#letterbox };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData = { birth, port: port2 };
    this.#worker = startThread(entry, { workerData, transferList: [port2], stdout: true, stderr: true });
    this.#output = new Output([this.#worker.stdout, this.#worker.stderr]);
    this.#output.begin(order.logFolder, { keepsStdout: false });
    port1.on('message', (message: ThreadToWatchdog) => {
      this.#hear(message);
    });
    this.#worker.on('error', (error) => {
      this.#thrown = { error };
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#onExit(code);
        resolve();
      });
    });
    this.gone = this.#exited.then(() => this.#ended);
    this.#watch();
  }

  /** Lets `signal` abort, and ends the thread after the grace. */
  abort(): void {
    if (this.#phase.kind !== 'working') {
      this.kill();
      return;
    }
    if (this.#stopAsked) return;
    this.#stopAsked = true;
    this.#say({ type: 'abort' });
    this.#grace = setTimeout(() => {
      this.kill();
    }, this.#order.graceMs);
  }

  /** Ends the thread at once. */
  kill(): void {
    this.#decide({ kind: 'stopped' });
  }

  #say(message: WatchdogToEvaluator, moved: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, [...moved]);
  }

  #hear(message: ThreadToWatchdog): void {
    if (message.type === 'room') this.#places[message.index] = message.memory;
    else if (message.type === 'ready') this.#begin(message.thread);
    else if (this.#phase.kind === 'ending') return;
    else if (this.#stopAsked) this.kill();
    else if (message.type === 'failed') this.#decide({ ...message, kind: 'failed' });
    else {
      this.#result = message.bytes;
      this.#decide({ kind: 'result' });
    }
  }

  /** It is loaded, and watched already: only now does the work begin. */
  #begin(thread: number | undefined): void {
    if (this.#phase.kind !== 'loading') return;
    this.#thread = thread;
    const startedMs = machineNowMs();
    this.#phase = { kind: 'working', startedMs };
    this.#cpuBeforeMs = this.#cpuMs();
    this.#reporter.begin(startedMs, this.#cpuBeforeMs);
    this.#say({ type: 'go', input: this.#order.input }, [this.#order.input]);
    this.#tell({ type: 'started', id: this.#order.id });
    this.#watch();
  }

  /** Looks, judges, and plans the next look. */
  #watch(): void {
    clearTimeout(this.#look);
    if (this.#phase.kind === 'ending') return;
    const { limits } = this.#order;
    const seen = this.#observe();
    const broken = brokenLimit(limits, seen);
    if (broken !== undefined) {
      // An answer that has been sent already has come in time: let it be heard first.
      setImmediate(() => {
        this.#decide({ kind: 'broken', broken });
      });
      return;
    }
    if (this.#phase.kind === 'working') this.#reporter.look(null, () => this.#cpuMs(), this.#readLetters());
    this.#look = setTimeout(
      () => {
        this.#watch();
      },
      nextThreadLookMs(limits, seen),
    );
  }

  #observe(): Observation {
    const startedMs = this.#phase.kind === 'loading' ? undefined : this.#phase.startedMs;
    const { running } = this.#readLetters();
    return { nowMs: machineNowMs(), spawnedMs: this.#spawnedMs, startedMs, running, memoryMb: null };
  }

  /** What its thread has used of a core; `null` where the system does not tell. */
  #cpuMs(): number | null {
    if (this.#thread === undefined) return null;
    try {
      const [nanoseconds] = readFileSync(`/proc/self/task/${this.#thread}/schedstat`, 'latin1').split(' ');
      return nanoseconds ? Number(nanoseconds) / 1e6 : null;
    } catch {
      return null;
    }
  }

  #onExit(code: number): void {
    // Its last words may not have been heard yet.
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port))
      this.#hear(last.message as ThreadToWatchdog);
    if (this.#stopAsked) this.kill();
    this.#decide(crashed(code, this.#thrown));
  }

  /** Once: from here on it is only about ending it. */
  #decide(decision: Decision): void {
    if (this.#phase.kind === 'ending') return;
    const startedMs = this.#phase.kind === 'working' ? this.#phase.startedMs : undefined;
    this.#phase = { kind: 'ending', startedMs };
    clearTimeout(this.#look);
    clearTimeout(this.#grace);
    const decidedMs = machineNowMs();
    const killedAt = Date.now();
    const totalCpuMs = this.#cpuMs();
    const cpuMs = totalCpuMs === null || this.#cpuBeforeMs === null ? null : totalCpuMs - this.#cpuBeforeMs;
    void this.#worker.terminate();
    this.#restorePriority();
    this.#ended = this.#settleWhenGone(decision, { decidedMs, killedAt, cpuMs });
  }

  /** So that it ends soon beside a busy training. Only root may; for others it ends at the lowest. */
  #restorePriority(): void {
    if (this.#thread === undefined) return;
    try {
      setPriority(this.#thread, 0);
    } catch {
      // it may not be raised, or has ended
    }
  }

  async #settleWhenGone(decision: Decision, end: Pick<Course, 'decidedMs' | 'killedAt' | 'cpuMs'>): Promise<void> {
    let patience: NodeJS.Timeout | undefined;
    const isStuck = await Promise.race([
      this.#exited.then(() => false),
      new Promise<boolean>((resolve) => {
        patience = setTimeout(() => {
          resolve(true);
        }, patienceMs);
      }),
    ]);
    clearTimeout(patience);
    const goneMs = machineNowMs();
    if (!isStuck) await this.#output.readToEnd();
    await this.#output.end();
    this.#settle(decision, { ...end, goneMs }, isStuck);
    await this.#exited;
    this.#port.close();
    if (isStuck) this.#tell({ type: 'gone', id: this.#order.id });
  }

  #settle(
    decision: Decision,
    end: Pick<Course, 'decidedMs' | 'killedAt' | 'cpuMs' | 'goneMs'>,
    isStuck: boolean,
  ): void {
    const letters = this.#readLetters();
    const startedMs = this.#phase.kind === 'ending' ? this.#phase.startedMs : undefined;
    const course: Course = {
      ...end,
      letters,
      startedMs,
      spawnedMs: this.#spawnedMs,
      queuedMs: 0,
      peakMemoryMb: null,
    };
    const result = decision.kind === 'result' ? this.#result : undefined;
    const partial = decision.kind === 'result' ? undefined : partialReader(this.#letterbox, this.#places);
    this.#tell(
      {
        type: 'settled',
        id: this.#order.id,
        verdict: verdictOf(decision, course),
        usage: usageOf(course),
        report: progressReport(letters),
        dropped: this.#dropped(letters),
        output: decision.kind === 'failed' ? this.#output.lastWords : '',
        isStuck,
        toldMachineMs: machineNowMs(),
        result,
        partial,
      },
      [result, partial].flatMap((moved) => (moved === undefined ? [] : [moved.buffer])),
    );
  }

  #dropped(letters: Letters): { readonly what: string; readonly count: number }[] {
    const leftOut = this.#output.leftOut.filter(({ bytes }) => bytes > 0);
    return [
      ...this.#reporter.dropped(letters),
      ...leftOut.map(({ stream, bytes }) => ({ what: `bytes of ${stream}`, count: bytes })),
    ];
  }
}

const longestMessage = 8000;

/** The verdict about a thread that ended without an answer. */
function crashed(code: number, thrown: { readonly error: unknown } | undefined): Decision {
  const how =
    thrown === undefined
      ? `with exit code ${code}`
      : `by an error thrown beside the evaluation: ${reasonOf(thrown.error).slice(0, longestMessage)}`;
  const message = `The evaluator's thread ended (${how}) before it had answered.`;
  const stack = thrown?.error instanceof Error ? thrown.error.stack?.slice(0, longestMessage) : undefined;
  return { kind: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message, stack };
}
