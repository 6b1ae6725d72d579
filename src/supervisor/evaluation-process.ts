import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { childrenOf, ProcessTree } from '../probes/index.ts';
import {
  createMailbox,
  evaluatorMessageSchema,
  filesOf,
  frameReader,
  machineNowMs,
  mailboxReader,
  tellingFd,
  toldFd,
  type Letters,
  type StartOrder,
  type SupervisorToEvaluator,
  type Verdict,
} from '../wire/index.ts';
import { strike, strikeAll, untilGone, type Roots } from './end-tree.ts';
import { launchEvaluator, type Containment } from './launch.ts';
import { brokenLimit, nextLookMs, type Observation } from './limits.ts';
import { OutputTail } from './output-tail.ts';
import { lowerPriority, restorePriority } from './priority.ts';
import { progressReport, Reporter, type Tell } from './reporter.ts';
import { usageOf, verdictOf, type Course, type Decision } from './settlement.ts';

/** Loading, then ready until its input is whole, then working; ending from the verdict on. */
type Phase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'working'; readonly startedMs: number }
  | { readonly kind: 'ending' };

/** One evaluation's processes, from the spawn to the last one's end. */
export class EvaluationProcess {
  readonly #order: StartOrder;
  readonly #tell: Tell;
  readonly #queuedMs: number;
  readonly #child: ChildProcess & { readonly pid: number };
  readonly #group: number | undefined;
  readonly #tree: ProcessTree;
  readonly #output: OutputTail;
  readonly #reporter: Reporter;
  readonly #exited: Promise<unknown>;
  readonly #mailbox: number;
  readonly #readLetters: () => Letters;
  readonly #spawnedMs = machineNowMs();
  #phase: Phase = { kind: 'loading' };
  #startedMs: number | undefined;
  /** What loading took is not the work's. */
  #loadingCpuMs: number | null = null;
  #letters: Letters;
  #peakMemoryMb: number | null = null;
  #look: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #stopAsked = false;
  /** Resolves when the last process is gone and the host was told. */
  readonly gone: Promise<void>;
  #resolveGone: () => void = () => undefined;

  constructor(order: StartOrder, containment: Containment, queuedMs: number, tell: Tell) {
    this.#order = order;
    this.#tell = tell;
    this.#queuedMs = queuedMs;
    this.#reporter = new Reporter(order.id, tell);
    this.gone = new Promise((resolve) => (this.#resolveGone = resolve));
    const files = filesOf(order.folder);
    createMailbox(files.mailbox);
    this.#mailbox = openSync(files.mailbox, 'r');
    this.#readLetters = mailboxReader(this.#mailbox);
    this.#letters = this.#readLetters();
    this.#child = this.#launch(containment);
    this.#exited = new Promise((resolve) => {
      // 'exit', not 'close': grandchildren may hold its pipes.
      this.#child.once('exit', (code, signal) => {
        resolve(undefined);
        this.#onExit(code, signal);
      });
    });
    this.#group = containment.timeout ? this.#child.pid : undefined;
    this.#tree = new ProcessTree(this.#child.pid);
    const [, stdout, stderr] = this.#child.stdio;
    this.#output = new OutputTail([stdout, stderr] as Readable[]);
    this.#listen();
    this.#watch();
  }

  /** @throws where no process comes to be: too many of them, or of descriptors, or too large an environment. */
  #launch(containment: Containment): ChildProcess & { readonly pid: number } {
    try {
      const child = launchEvaluator(this.#order, containment);
      if (hasPid(child)) return child;
      child.once('error', () => undefined); // the same, told later
      throw new Error('the system gave it no process');
    } catch (error) {
      closeSync(this.#mailbox);
      throw error;
    }
  }

  /** Lets `signal` abort, and kills after the grace. */
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

  /** Kills at once. */
  kill(): void {
    this.#decide({ kind: 'stopped' });
  }

  /** The last act of a supervisor that has to end: no waiting, no telling. */
  strike(): void {
    strikeAll(this.#roots);
  }

  #listen(): void {
    // An evaluator may write what it likes: what is no message changes nothing.
    const reader = frameReader((frame) => {
      const message = evaluatorMessageSchema.safeParse(frame);
      if (!message.success) return;
      if (message.data.type === 'ready') this.#onReady();
      else if (this.#phase.kind === 'ending') return;
      else if (this.#stopAsked) this.kill();
      else if (message.data.type === 'result') this.#decide({ kind: 'result' });
      else this.#decide({ ...message.data, kind: 'failed' });
    });
    const told = this.#child.stdio[tellingFd] as Readable;
    told.on('data', reader);
    told.on('error', () => undefined);
    (this.#child.stdio[toldFd] as Writable).on('error', () => undefined); // it is gone: its exit tells
    const { name, module, folder, seed, maxResultMb } = this.#order;
    this.#say({ type: 'load', name, module, folder, seed, maxResultMb });
  }

  #say(message: SupervisorToEvaluator): void {
    (this.#child.stdio[toldFd] as Writable).write(`${JSON.stringify(message)}\n`);
  }

  #onReady(): void {
    if (this.#phase.kind !== 'loading') return;
    this.#phase = { kind: 'ready' };
    if (this.#beginsIfInputIsWhole()) this.#watch();
  }

  /** The watch stands, the evaluator is loaded, the input is there: only now does the work begin, at the lowest priority. */
  #beginsIfInputIsWhole(): boolean {
    if (sizeOf(filesOf(this.#order.folder).input) < this.#order.inputBytes) return false;
    this.#tree.walk();
    // `timeout` keeps its own: it has nothing to do but to end in time.
    lowerPriority(this.#tree.pids.filter((pid) => pid !== this.#group));
    this.#startedMs = machineNowMs();
    this.#phase = { kind: 'working', startedMs: this.#startedMs };
    this.#loadingCpuMs = this.#tree.cpuMs();
    this.#reporter.begin(this.#startedMs, this.#loadingCpuMs);
    this.#say({ type: 'go' });
    this.#tell({ type: 'started', id: this.#order.id, pid: this.#evaluatorPid(), queuedMs: this.#queuedMs });
    return true;
  }

  /** Below `timeout` the evaluator is the only child. */
  #evaluatorPid(): number {
    const { pid } = this.#child;
    return this.#group === undefined ? pid : (childrenOf(pid)[0] ?? pid);
  }

  /** Looks, judges, and plans the next look. */
  #watch(): void {
    if (this.#phase.kind === 'ending') return;
    const seen = this.#observe();
    const broken = brokenLimit(this.#order.limits, seen);
    if (broken?.rule === 'memoryMb') this.#decide({ kind: 'broken', broken });
    else if (broken !== undefined) {
      // An answer that is in the pipe already has come in time: let it be read first.
      setImmediate(() => {
        this.#decide({ kind: 'broken', broken });
      });
    } else if (this.#phase.kind === 'ready' && this.#beginsIfInputIsWhole()) {
      this.#watch(); // the limits are others now
    } else {
      if (this.#phase.kind === 'working') this.#reporter.look(seen.memoryMb, () => this.#tree.cpuMs(), this.#letters);
      clearTimeout(this.#look);
      this.#look = setTimeout(
        () => {
          this.#watch();
        },
        nextLookMs(this.#order.limits, seen),
      );
    }
  }

  #observe(): Observation {
    this.#tree.refresh();
    this.#letters = this.#readLetters();
    const memoryMb = this.#tree.residentMb();
    if (memoryMb !== null) this.#peakMemoryMb = Math.max(memoryMb, this.#peakMemoryMb ?? 0);
    return {
      nowMs: machineNowMs(),
      // Waiting for the input is not the evaluator's: its start is over when it is ready.
      spawnedMs: this.#phase.kind === 'ready' ? machineNowMs() : this.#spawnedMs,
      startedMs: this.#startedMs,
      running: this.#letters.running,
      memoryMb,
    };
  }

  get #roots(): Roots {
    return { tree: this.#tree, root: this.#child.pid, group: this.#group };
  }

  #onExit(code: number | null, signal: NodeJS.Signals | null): void {
    // Its last words may still be in the pipe.
    setImmediate(() => {
      setImmediate(() => {
        if (this.#stopAsked) this.kill();
        const how = signal === null ? `with exit code ${code ?? '?'}` : `by ${signal}`;
        this.#decide(crashed(`The evaluator's process ended (${how}) before it had answered.`));
      });
    });
  }

  /** Once: from here on it is only about ending it. */
  #decide(decision: Decision): void {
    if (this.#phase.kind === 'ending') return;
    this.#phase = { kind: 'ending' };
    clearTimeout(this.#look);
    clearTimeout(this.#grace);
    const decidedMs = machineNowMs();
    const totalCpuMs = this.#tree.cpuMs();
    const cpuMs = totalCpuMs === null || this.#loadingCpuMs === null ? null : totalCpuMs - this.#loadingCpuMs;
    const known = strike(this.#roots);
    const killedAt = Date.now();
    restorePriority(known);
    this.#letters = this.#readLetters();
    void untilGone(known, this.#roots, this.#order.id, this.#exited).then(() =>
      this.#settle(decision, { decidedMs, cpuMs, killedAt }),
    );
  }

  async #settle(decision: Decision, end: Pick<Course, 'decidedMs' | 'cpuMs' | 'killedAt'>): Promise<void> {
    const course: Course = {
      ...end,
      letters: this.#letters,
      queuedMs: this.#queuedMs,
      spawnedMs: this.#spawnedMs,
      startedMs: this.#startedMs,
      goneMs: machineNowMs(),
      goneAt: Date.now(),
      peakMemoryMb: this.#peakMemoryMb,
    };
    this.#tell({
      type: 'settled',
      id: this.#order.id,
      verdict: verdictOf(decision, course),
      usage: usageOf(course),
      report: progressReport(this.#letters),
      dropped: this.#reporter.dropped(this.#order.name, this.#letters),
      output: decision.kind === 'failed' ? await this.#output.lastWords() : '',
    });
    this.#tree.close();
    closeSync(this.#mailbox);
    for (const stream of this.#child.stdio) stream?.destroy();
    this.#resolveGone();
  }
}

function crashed(message: string): Extract<Verdict, { kind: 'failed' }> {
  return { kind: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message };
}

function hasPid(child: ChildProcess): child is ChildProcess & { readonly pid: number } {
  return child.pid !== undefined;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
