import { MessageChannel, receiveMessageOnPort, type MessagePort, type Worker } from 'node:worker_threads';
import { unknownGpuShare } from '../probes/index.ts';
import { droppedOf } from '../supervisor/dropped-of.ts';
import { brokenLimit, type Broken, type Observation } from '../supervisor/limits.ts';
import { Output } from '../supervisor/output.ts';
import { progressReport, Reporter } from '../supervisor/reporter.ts';
import { usageOf, verdictOf, type Course, type Decision } from '../supervisor/settlement.ts';
import { machineNowMs } from '../wire/index.ts';
import { endThread } from './end-thread.ts';
import { threadCrash } from './thread-crash.ts';
import { ThreadInSystem } from './thread-in-system.ts';
import { sharedLettersReader } from './thread-letters-reader.ts';
import { leavingMemory } from './thread-leaving.ts';
import { nextThreadLookMs } from './thread-looks.ts';
import { letterboxMemory, partialReader } from './thread-mailbox.ts';
import type {
  PrintedMemory,
  ThreadBirth,
  ThreadOrder,
  ThreadToWatchdog,
  WatchdogToEvaluator,
  WatchdogToHost,
} from './thread-messages.ts';
import { pipeMemory } from './thread-pipe.ts';
import { printedStream } from './thread-printed.ts';
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
  readonly #printedMemory: PrintedMemory = { stdout: pipeMemory(), stderr: pipeMemory() };
  readonly #printed = {
    stdout: printedStream(this.#printedMemory.stdout),
    stderr: printedStream(this.#printedMemory.stderr),
  };
  readonly #leaving = leavingMemory();
  readonly #output = new Output([this.#printed.stdout.stream, this.#printed.stderr.stream]);
  readonly #reporter: Reporter;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #exited: Promise<void>;
  readonly #spawnedMs = machineNowMs();
  #phase: Phase = { kind: 'loading' };
  #thread = new ThreadInSystem(undefined);
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
    const [letterbox, printed, leaving] = [this.#letterbox, this.#printedMemory, this.#leaving];
    const birth: ThreadBirth = { module, name, seed, maxResultMb, letterbox, printed, leaving };
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData = { birth, port: port2 };
    this.#worker = startThread(entry, { workerData, transferList: [port2], stdout: true, stderr: true });
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
    else if (message.type === 'printed') this.#printed[message.stream].onMore();
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
    this.#thread = new ThreadInSystem(thread);
    const startedMs = machineNowMs();
    this.#phase = { kind: 'working', startedMs };
    this.#cpuBeforeMs = this.#thread.cpuMs();
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
      this.#breakUnlessHeard(broken);
      return;
    }
    if (this.#phase.kind === 'working')
      this.#reporter.look(
        { memoryMb: null },
        { cpuMs: () => this.#thread.cpuMs(), gpu: () => unknownGpuShare },
        this.#readLetters(),
      );
    this.#look = setTimeout(
      () => {
        this.#watch();
      },
      nextThreadLookMs(limits, seen),
    );
  }

  /** An answer, or that it is loaded, has come in time if it has been sent already: that is heard first. */
  #breakUnlessHeard(broken: Broken): void {
    const judged = this.#phase;
    setImmediate(() => {
      if (this.#phase === judged) this.#decide({ kind: 'broken', broken });
      else this.#watch(); // the limits are others now
    });
  }

  #observe(): Observation {
    const startedMs = this.#phase.kind === 'loading' ? undefined : this.#phase.startedMs;
    const { running } = this.#readLetters();
    return { nowMs: machineNowMs(), spawnedMs: this.#spawnedMs, startedMs, running, memoryMb: null };
  }

  #onExit(code: number): void {
    // Its last words may not have been heard yet.
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port))
      this.#hear(last.message as ThreadToWatchdog);
    for (const printed of Object.values(this.#printed)) printed.end();
    if (this.#stopAsked) this.kill();
    this.#decide(threadCrash(code, this.#thrown));
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
    const totalCpuMs = this.#thread.cpuMs();
    const cpuMs = totalCpuMs === null || this.#cpuBeforeMs === null ? null : totalCpuMs - this.#cpuBeforeMs;
    this.#thread.restorePriority();
    endThread(this.#worker, {
      memory: this.#leaving,
      cpuMs: () => this.#thread.cpuMs(),
      ask: () => {
        this.#say({ type: 'leave' });
      },
      exited: this.#exited,
    });
    this.#ended = this.#settleWhenGone(decision, { decidedMs, killedAt, cpuMs });
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
      pausedMs: 0,
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
        dropped: droppedOf(this.#reporter, this.#output, letters),
        output: decision.kind === 'failed' ? this.#output.lastWords : '',
        isStuck,
        toldMachineMs: machineNowMs(),
        result,
        partial,
      },
      [result, partial].flatMap((moved) => (moved === undefined ? [] : [moved.buffer])),
    );
  }
}
