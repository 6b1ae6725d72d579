import { reasonOf } from '../errors/index.ts';
import { lastPid } from '../probes/index.ts';
import { machineNowMs, type Letters, type Limits, type StartOrder, type Unenforceable } from '../wire/index.ts';
import { AwaitedInput } from './awaited-input.ts';
import { CommandTalk } from './command-talk.ts';
import type { GpuProbe } from './gpu-probe.ts';
import type { ContainedProcess, Exit } from './contained-process.ts';
import { GpuMisses } from './gpu-misses.ts';
import { droppedOf } from './dropped-of.ts';
import { EvaluatorTalk } from './evaluator-talk.ts';
import { brokenLimit, nextLookMs, type Observation } from './limits.ts';
import { memoryLayerOf } from './memory-layers.ts';
import { ResourceHold } from './resource-hold.ts';
import type { Readings } from './readings.ts';
import { Reporter, type Tell } from './reporter.ts';
import { settledUnstarted, usageOf, verdictOf, type Course, type Decision } from './settlement.ts';
import type { Talk } from './talk.ts';

/** Loading, then ready until its input is whole, then working; exited while its last words are read; ending from the verdict on. */
type Phase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly sinceMs: number }
  | { readonly kind: 'working'; readonly startedMs: number; readonly lastPid: string | undefined }
  | { readonly kind: 'exited' }
  | { readonly kind: 'ending' };

/** How far a process has come with loading; one that has served before says once more that it is ready. */
export type Loading = 'to begin' | 'begun' | 'done' | 'to repeat';

/** What an evaluation is begun with, beside its order. */
export interface Circumstances {
  readonly queuedMs: number;
  readonly loading: Loading;
  /** What cannot be held of its limits here. */
  readonly unenforceable: readonly Unenforceable[];
  /** Who knows what a tree has of the GPUs. */
  readonly gpu: Pick<GpuProbe, 'shareOf'> & Readings['probe'];
  readonly tell: Tell;
}

/**
 * One evaluation in a process of its own, or a warm one: watched from its first moment, until the last of it is gone.
 *
 * What throws in its own affairs, because of what an evaluator has done to its folder or by a mistake of ours, ends it and no other.
 */
export class Evaluation {
  readonly order: StartOrder;
  /** Resolves when the last process is gone and the host was told: to the process, if the next evaluation may have it. */
  readonly gone: Promise<ContainedProcess | undefined>;
  readonly #process: ContainedProcess;
  readonly #talk: Talk;
  readonly #tell: Tell;
  readonly #queuedMs: number;
  readonly #unenforceable: readonly Unenforceable[];
  readonly #reporter: Reporter;
  readonly #hold: ResourceHold;
  readonly #readings: Readings;
  readonly #gpuMisses: GpuMisses;
  readonly #unmeasured: readonly Unenforceable[];
  readonly #spawnedMs = machineNowMs();
  #phase: Phase;
  #startedMs: number | undefined;
  /** What loading took, and what a warm process took before, is not the work's. */
  #cpuBeforeMs: number | null = null;
  #letters: Letters;
  #peakMemoryMb: number | null = null;
  #look: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  readonly #input: AwaitedInput;
  #stopAsked = false;
  /** Its process has served before, and has not yet said that it is ready again. */
  #isRepeating: boolean;
  /** Its process ended by what an evaluation before had left there: nothing is told of that. */
  #isGivenUp = false;
  #hasToBeginAnew = false;
  #isSettled = false;
  #resolveGone: (process: ContainedProcess | undefined) => void = () => undefined;

  constructor(
    order: StartOrder,
    process: ContainedProcess,
    { queuedMs, loading, unenforceable, gpu, tell }: Circumstances,
  ) {
    this.order = order;
    this.#process = process;
    this.#tell = tell;
    this.#queuedMs = queuedMs;
    this.#unenforceable = unenforceable;
    this.#input = new AwaitedInput(order);
    this.#reporter = new Reporter(order.id, tell);
    this.#gpuMisses = new GpuMisses(gpu);
    this.#readings = {
      cpuMs: () => process.cpuMs(),
      gpu: () => this.#gpuMisses.note(gpu.shareOf(process.tree.pids)),
      probe: gpu,
    };
    this.#hold = new ResourceHold(order, process, this.#readings, tell);
    this.#unmeasured = gpu.missing === undefined ? [] : gpuRules.map((rule) => ({ rule, why: gpu.missing ?? '' }));
    this.gone = new Promise((resolve) => (this.#resolveGone = resolve));
    const isCommand = order.program.kind === 'command';
    this.#talk = isCommand ? new CommandTalk(order, process) : new EvaluatorTalk(order, process);
    this.#letters = this.#talk.letters();
    this.#phase = loading === 'done' ? { kind: 'ready', sinceMs: this.#spawnedMs } : { kind: 'loading' };
    process.output.begin(order.logFolder, { keepsStdout: isCommand });
    process.let({
      onFrame: (frame) => {
        this.#contain(() => {
          this.#hear(frame);
        });
      },
      onExit: (exit) => {
        this.#contain(() => {
          this.#onExit(exit);
        });
      },
    });
    this.#isRepeating = loading === 'to repeat';
    if (loading === 'to begin' || loading === 'to repeat') this.#talk.load();
    this.#contain(() => {
      this.#watch();
    });
  }

  /** Whether its program came to be loaded. */
  get wasLoaded(): boolean {
    return this.#startedMs !== undefined;
  }

  /** It has not begun, and nothing was told of it: another process has to serve it. */
  get hasToBeginAnew(): boolean {
    return this.#hasToBeginAnew;
  }

  /** Lets `signal` abort, and kills after the grace. */
  abort(): void {
    if (this.#phase.kind === 'working')
      this.#contain(() => {
        this.#askToStop();
      });
    else this.kill();
  }

  #askToStop(): void {
    if (this.#stopAsked) return;
    this.#stopAsked = true;
    // What is stopped cannot answer.
    this.#hold.release();
    this.#talk.askToStop();
    this.#grace = setTimeout(
      () => {
        this.kill();
      },
      Math.min(this.order.graceMs, longestTimerMs),
    );
  }

  /** Pauses the work for so long at most; 0 lets it go on. */
  pace(order: number, pauseMs: number): void {
    this.#contain(() => {
      if (this.#phase.kind === 'working' && !this.#stopAsked) this.#hold.pace(order, pauseMs);
    });
  }

  /** Kills at once. */
  kill(): void {
    if (this.#isGivenUp) this.#stopAsked = true;
    this.#contain(() => {
      this.#decide({ kind: 'stopped' });
    });
  }

  /** The last act of a supervisor that has to end: no waiting, no telling. */
  strike(): void {
    this.#process.strike();
  }

  /** Does what is its own affair: whatever that throws is its end, and is no news where it ends already. */
  #contain(act: () => void): void {
    const before = this.#phase;
    try {
      act();
    } catch (error) {
      if (before.kind !== 'ending') this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const message = `The evaluation could not be watched any longer, and was ended: ${reasonOf(error)}. Leave its folder and its descriptors to Pitwall; where nobody has touched them, report it.`;
    const failure = { kind: 'failed', errorKind: 'rejected', code: 'EVALUATION_NOT_WATCHED', message } as const;
    try {
      if (this.#phase.kind !== 'ending') {
        this.#decide(failure);
        return;
      }
    } catch {
      // the first cause is told
    }
    void this.#abandon(failure);
  }

  /** Not even its end went its way: what can be killed is killed, and the host is told, if it was not. Never rejects. */
  async #abandon(failure: Extract<Decision, { kind: 'failed' }>): Promise<void> {
    try {
      await this.#process.end();
    } catch {
      // its guards end it, or the next sweep
    }
    if (!this.#isSettled) this.#tell(settledUnstarted(this.order.id, failure, this.#queuedMs));
    try {
      this.#talk.close();
      this.#process.let(undefined);
      this.#process.close();
    } catch {
      // what it held goes with the supervisor
    }
    this.#resolveGone(undefined);
  }

  #hear(frame: unknown): void {
    const heard = this.#talk.hear(frame);
    if (heard === undefined || this.#phase.kind === 'ending') return;
    if (heard.kind === 'ready') this.#onReady();
    else if (this.#stopAsked) this.kill();
    else this.#decide(this.#asMemory(heard));
  }

  #onReady(): void {
    if (this.#phase.kind !== 'loading') return;
    this.#isRepeating = false;
    this.#phase = { kind: 'ready', sinceMs: machineNowMs() };
    this.#watch();
  }

  /** The watch stands, the program is loaded, the input is there: only now does the work begin, at the lowest priority. */
  #beginsIfInputIsWhole(): boolean {
    if (!this.#input.isWhole) return false;
    this.#process.lowerPriority();
    this.#startedMs = machineNowMs();
    this.#phase = { kind: 'working', startedMs: this.#startedMs, lastPid: lastPid() };
    this.#cpuBeforeMs = this.#process.cpuMs();
    this.#reporter.begin(this.#startedMs, this.#cpuBeforeMs);
    this.#hold.begin(this.#startedMs);
    this.#talk.begin();
    const { id } = this.order;
    this.#tell({
      type: 'started',
      id,
      pid: this.#process.pid,
      queuedMs: this.#queuedMs,
      unenforceable: this.#unenforceable,
      unmeasured: this.#unmeasured,
    });
    return true;
  }

  /** Looks, judges, and plans the next look. */
  #watch(): void {
    if (this.#phase.kind === 'exited' || this.#phase.kind === 'ending') return;
    clearTimeout(this.#look);
    const { limits } = this.order;
    const seen = this.#observe();
    const broken = brokenLimit(limits, seen);
    const lost = this.#startedMs === undefined ? this.#input.lost() : undefined;
    if (broken?.rule === 'memoryMb') this.#decide({ kind: 'broken', broken });
    else if (broken !== undefined) {
      // An answer that is in the pipe already has come in time: let it be read first.
      const judged = this.#phase;
      setImmediate(() => {
        this.#contain(() => {
          if (this.#phase === judged) this.#decide({ kind: 'broken', broken });
          else this.#watch();
        });
      });
    } else if (lost !== undefined) {
      this.#decide(lost);
    } else if (this.#phase.kind === 'ready' && this.#beginsIfInputIsWhole()) {
      this.#watch(); // the limits are others now
    } else {
      if (this.#phase.kind === 'working') {
        this.#process.keepPriorityLow(seen.nowMs);
        this.#reporter.look(seen, this.#readings, this.#letters);
        const end = this.#stopAsked ? undefined : this.#hold.look(seen.nowMs);
        if (end !== undefined) {
          this.#decide(end);
          return;
        }
      }
      this.#lookAgainIn(limits, seen);
    }
  }

  #lookAgainIn(limits: Limits, seen: Observation): void {
    const plannedMs = nextLookMs(limits, seen);
    // Only the size of a file tells that the input is whole.
    const inMs =
      this.#phase.kind === 'ready' ? Math.min(plannedMs, inputLookMs(seen.nowMs - this.#phase.sinceMs)) : plannedMs;
    this.#look = setTimeout(() => {
      this.#contain(() => {
        this.#watch();
      });
    }, inMs);
  }

  #observe(): Observation {
    const { tree } = this.#process;
    const beganMs = machineNowMs();
    tree.refresh();
    this.#letters = this.#talk.letters();
    const residentMb = tree.residentMb();
    const isBeyond = residentMb !== null && residentMb > (this.order.limits.memoryMb ?? Infinity);
    const memoryMb = isBeyond ? tree.residentOnceMb() : residentMb;
    if (memoryMb !== null) this.#peakMemoryMb = Math.max(memoryMb, this.#peakMemoryMb ?? 0);
    const nowMs = machineNowMs();
    return {
      nowMs,
      lookMs: nowMs - beganMs,
      // Waiting for the input is not the evaluator's: its start is over when it is ready.
      spawnedMs: this.#phase.kind === 'ready' ? nowMs : this.#spawnedMs,
      startedMs: this.#startedMs,
      running: this.#letters.running,
      memoryMb,
      itemPausedMs: this.#itemPausedMs(this.#letters),
    };
  }

  /** How long the running item was paused by us: that is not its own time. */
  #itemPausedMs({ running }: Letters): number {
    return running === null ? 0 : this.#hold.pausedSinceMs(running.startedMs);
  }

  /** In time or not, was decided by now: what is left is only to be read. */
  #onExit(exit: Exit): void {
    if (this.#phase.kind === 'ending') return;
    clearTimeout(this.#look);
    this.#phase = { kind: 'exited' };
    // Its last words may still be in the pipe: an answer, or why it ended.
    setImmediate(() => {
      setImmediate(() => {
        if (this.#phase.kind === 'ending') return;
        void this.#process.readToEnd().then(() => {
          this.#contain(() => {
            if (this.#stopAsked) this.kill();
            this.#decide(this.#asMemory(this.#talk.exited(exit), exit));
          });
        });
      });
    });
  }

  /** What ended for want of memory under our limits has broken them, whoever noticed. */
  #asMemory(decision: Decision, exit?: Exit): Decision {
    const { memoryMb: limit } = this.order.limits;
    if (decision.kind !== 'failed' || limit === undefined) return decision;
    const { dataLimitMb, wasEndedByControlGroup, output } = this.#process;
    const layer = memoryLayerOf({
      message: decision.message,
      output: output.lastWords,
      exit,
      program: this.order.program,
      dataLimitMb,
      wasEndedByControlGroup,
    });
    if (layer === undefined) return decision;
    const reachedMb = layer === 'data' ? (dataLimitMb ?? limit) : limit;
    const observed = Math.max(reachedMb, this.#peakMemoryMb ?? 0);
    return { kind: 'broken', broken: { rule: 'memoryMb', limit, observed, layer } };
  }

  /** Once: from here on it is only about ending it. */
  #decide(decision: Decision): void {
    const before = this.#phase;
    if (before.kind === 'ending') return;
    this.#phase = { kind: 'ending' };
    clearTimeout(this.#look);
    clearTimeout(this.#grace);
    if (this.#isRepeating && decision.kind !== 'stopped') {
      this.#giveUp().catch((error: unknown) => {
        this.#fail(error);
      });
      return;
    }
    const decidedMs = machineNowMs();
    const pausedMs = this.#hold.pausedMs();
    this.#hold.release();
    const killedAt = Date.now();
    const totalCpuMs = this.#process.cpuMs();
    const cpuMs = totalCpuMs === null || this.#cpuBeforeMs === null ? null : totalCpuMs - this.#cpuBeforeMs;
    const { warm } = this.order;
    const { hasExited, mayBeStopped } = this.#process;
    const isKept = decision.kind === 'result' && warm !== undefined && mayBeStopped && !hasExited;
    // Work after the answer ends with it, also where the process is kept.
    if (isKept) this.#process.pause();
    const ended = isKept ? this.#endDescendants(before) : this.#process.end();
    this.#letters = this.#talk.letters();
    ended
      .then(() => this.#settle(decision, { decidedMs, cpuMs, killedAt, pausedMs }, isKept))
      .catch((error: unknown) => {
        this.#fail(error);
      });
  }

  /** What an evaluation before has left in the process is not this one's: it begins anew in another, unless it is stopped meanwhile. */
  async #giveUp(): Promise<void> {
    this.#isGivenUp = true;
    const end = { decidedMs: machineNowMs(), killedAt: Date.now(), cpuMs: null, pausedMs: 0 };
    await this.#process.end();
    await this.#process.output.end();
    if (this.#stopAsked) {
      await this.#settle({ kind: 'stopped' }, end, false);
      return;
    }
    this.#hasToBeginAnew = true;
    this.#talk.close();
    this.#process.let(undefined);
    this.#process.close();
    this.#resolveGone(undefined);
  }

  /** Of a warm evaluator only what it has started is ended, if any process was born on the machine meanwhile. */
  #endDescendants(phase: Phase): Promise<void> {
    const born = phase.kind !== 'working' || phase.lastPid === undefined || phase.lastPid !== lastPid();
    return born ? this.#process.endDescendants() : Promise.resolve();
  }

  async #settle(
    decision: Decision,
    end: Pick<Course, 'decidedMs' | 'cpuMs' | 'killedAt' | 'pausedMs'>,
    isKept: boolean,
  ): Promise<void> {
    const goneMs = machineNowMs();
    const course: Course = {
      ...end,
      letters: this.#letters,
      queuedMs: this.#queuedMs,
      spawnedMs: this.#spawnedMs,
      startedMs: this.#startedMs,
      goneMs,
      peakMemoryMb: this.#peakMemoryMb,
    };
    const { output } = this.#process;
    await (isKept ? output.drain() : this.#process.readToEnd());
    await output.end();
    this.#talk.finish();
    const letters = this.#talk.letters();
    const { id } = this.order;
    for (const each of this.#gpuMisses.unmeasured) this.#tell({ type: 'unmeasured', id, ...each });
    this.#tell({
      type: 'settled',
      id,
      verdict: verdictOf(decision, course),
      usage: usageOf(course),
      report: this.#reporter.progress(letters, this.#itemPausedMs(letters)),
      dropped: droppedOf(this.#reporter, output, letters),
      output: decision.kind === 'failed' ? output.lastWords : '',
      stdout: decision.kind === 'result' ? output.stdoutTail : '',
      goneMachineMs: goneMs,
    });
    this.#isSettled = true;
    this.#talk.close();
    this.#process.let(undefined);
    if (!isKept) this.#process.close();
    this.#resolveGone(isKept ? this.#process : undefined);
  }
}

/** Node takes a longer one for none. */
const longestTimerMs = 2 ** 31 - 1;

/** The rules that say nothing without a GPU's figures. */
const gpuRules = ['gpuUtilizationPercent', 'gpuMemoryMb'] as const;

/** How soon to look again for an input that has been written for so long: what is large takes its time. */
function inputLookMs(waitedMs: number): number {
  return Math.max(1, waitedMs / 10);
}
