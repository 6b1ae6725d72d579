import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { childrenOf, newbornMarked, ProcessTree } from '../probes/index.ts';
import {
  controlGroupVariable,
  executionMark,
  frameReader,
  hostMark,
  lifeFd,
  lifeVariable,
  seedVariable,
  evaluationMark,
  sweepMark,
  tellingFd,
  tellingVariable,
  toldFd,
  type Limits,
  type StartOrder,
} from '../wire/index.ts';
import type { Containment } from './containment.ts';
import type { ControlGroup } from './control-group.ts';
import { endTree, endDescendants, strike, strikeAll, type Roots } from './end-tree.ts';
import { gateCommand } from './gate.ts';
import { inheritedEnvironment } from './inherited-environment.ts';
import { launchCommand } from './launch.ts';
import { dataLimitMbOf, heapLimitArgs } from './memory-layers.ts';
import { Output } from './output.ts';
import { keepSessionsLow, lowerPriority, restorePriority } from './priority.ts';
import { SlowReader } from './slow-reader.ts';
import { Standstill } from './standstill.ts';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Who has the process now, and hears of it. */
export interface Tenant {
  readonly onFrame: (frame: unknown) => void;
  readonly onExit: (exit: Exit) => void;
}

const nobody: Tenant = { onFrame: () => undefined, onExit: () => undefined };

/** A session that the evaluation begins is the training's equal for so long. */
const sessionsEveryMs = 100;
/** Beyond its limits `timeout` gives a process this long: it is for the case that the supervisor cannot act. */
const lastResortSlackMs = 15_000;
/** A warm process lives this much longer, and is replaced before. */
export const warmLifeMs = 3_600_000;

/** One process inside the kernel's guards, with all that it starts: from its spawn to the last one's end. */
export class ContainedProcess {
  readonly id: string;
  readonly tree: ProcessTree;
  readonly output: Output;
  /** The limit of its writable memory, where the kernel holds one. */
  readonly dataLimitMb: number | undefined;
  /** Only where the kernel ends a stopped program with its supervisor. */
  readonly mayBeStopped: boolean;
  readonly #child: ChildProcess & { readonly pid: number };
  readonly #group: number | undefined;
  readonly #controlGroup: ControlGroup | undefined;
  readonly #exited: Promise<Exit>;
  readonly #told: SlowReader;
  readonly #standstill = new Standstill();
  #exit: Exit | undefined;
  #programPid: number | undefined;
  #sessionsLowAtMs = -Infinity;
  #tenant = nobody;

  /** @throws where no process comes to be: too many of them, or of descriptors, or too large an environment. */
  constructor(order: StartOrder, containment: Containment) {
    this.id = order.id;
    this.mayBeStopped = containment.parentDeathSignal;
    this.dataLimitMb = containment.dataLimit ? dataLimitMbOf(order.limits) : undefined;
    this.#controlGroup = containment.controlGroups?.create(order.id, order.limits.memoryMb);
    try {
      this.#child = spawned(order, containment, this.#controlGroup?.path, this.dataLimitMb);
    } catch (error) {
      this.#controlGroup?.remove();
      throw error;
    }
    this.#group = containment.timeout ? this.#child.pid : undefined;
    const controlGroup = this.#controlGroup;
    // The group knows all that is in it; elsewhere what is orphaned at once still has its mark.
    this.tree = new ProcessTree(this.#child.pid, ({ pid }) =>
      controlGroup === undefined ? newbornMarked(executionMark, order.id, pid) : controlGroup.pids(),
    );
    const { stdout, stderr } = this.#child as unknown as { readonly stdout: Readable; readonly stderr: Readable };
    this.output = new Output([stdout, stderr]);
    this.#exited = new Promise((resolve) => {
      // 'exit', not 'close': grandchildren may hold its pipes.
      this.#child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
        this.#tenant.onExit(this.#exit);
      });
    });
    // Who may write what he likes is read no faster than others: a flood of lines costs its writer.
    const reader = frameReader((frame) => {
      this.#tenant.onFrame(frame);
    });
    this.#told = new SlowReader(this.#child.stdio[tellingFd] as Readable, reader);
    (this.#child.stdio[toldFd] as Writable).on('error', () => undefined); // it is gone: its exit tells
  }

  /** From here on `tenant` hears of it; of an exit that was before, in the next turn. */
  let(tenant: Tenant | undefined): void {
    this.#tenant = tenant ?? nobody;
    const exit = this.#exit;
    if (exit === undefined || tenant === undefined) return;
    setImmediate(() => {
      if (this.#tenant === tenant) tenant.onExit(exit);
    });
  }

  /** What it has told and printed before it died, a flood too. */
  readToEnd(): Promise<void> {
    return this.output.readToEnd(this.#told);
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** The pid of the program itself: below `timeout` it is the only child. */
  get pid(): number {
    const { pid } = this.#child;
    this.#programPid ??= this.#group === undefined ? pid : childrenOf(pid)[0];
    return this.#programPid ?? pid;
  }

  say(line: string): void {
    (this.#child.stdio[toldFd] as Writable).write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal);
    } catch {
      // it is gone: its exit tells
    }
  }

  /** Stops the program, if it may be. */
  pause(): void {
    if (this.mayBeStopped) this.signal('SIGSTOP');
  }

  resume(): void {
    if (this.mayBeStopped) this.signal('SIGCONT');
  }

  /** Stops all of it, if it may be: `timeout` is left to run, since it has nothing to do but to end in time. */
  pauseAll(): void {
    if (!this.mayBeStopped) return;
    this.tree.refresh();
    this.#standstill.begin(this.tree.pids.filter((pid) => pid !== this.#group));
  }

  /** Lets all go on that was so stopped. What is stopped cannot raise its sessions: they begin low. */
  resumeAll(): void {
    if (!this.mayBeStopped) return;
    keepSessionsLow(this.tree.pids);
    this.#standstill.end();
  }

  /** The lowest priority for all of it, but `timeout`: that has nothing to do but to end in time. */
  lowerPriority(): void {
    this.tree.walk();
    lowerPriority(this.tree.pids.filter((pid) => pid !== this.#group));
    this.#controlGroup?.weigh('least');
  }

  /** Once more for what has left our session since: asked for often, done ten times a second. */
  keepPriorityLow(nowMs: number): void {
    if (nowMs - this.#sessionsLowAtMs < sessionsEveryMs) return;
    this.#sessionsLowAtMs = nowMs;
    keepSessionsLow(this.tree.pids);
  }

  /** Whether the control group's own limit of memory has killed in it. */
  get wasEndedByControlGroup(): boolean {
    return (this.#controlGroup?.outOfMemoryKills() ?? 0) > 0;
  }

  /** Processor milliseconds of all of it so far: its control group knows more than the tree, which is looked at now and then. */
  cpuMs(): number | null {
    return this.#controlGroup?.cpuMs() ?? this.tree.cpuMs();
  }

  /** Kills all of it at once; the promise resolves when the last of it is gone. */
  end(): Promise<void> {
    const known = strike(this.#roots);
    restorePriority(known);
    this.#controlGroup?.weigh('normal');
    return endTree(known, this.#roots, this.id, this.#exited);
  }

  /** Kills all that it has started, and not itself; resolves when that is gone. */
  endDescendants(): Promise<void> {
    return endDescendants(this.pid, this.#roots, this.id);
  }

  /** The last act of a supervisor that has to end: no waiting. */
  strike(): void {
    strikeAll(this.#roots);
  }

  /** Lets go of what is held for it. */
  close(): void {
    this.#tenant = nobody;
    this.tree.close();
    for (const stream of this.#child.stdio) stream?.destroy();
  }

  get #roots(): Roots {
    return { tree: this.tree, root: this.#child.pid, group: this.#group, controlGroup: this.#controlGroup };
  }
}

function spawned(
  order: StartOrder,
  containment: Containment,
  controlGroup: string | undefined,
  dataLimitMb: number | undefined,
): ChildProcess & { readonly pid: number } {
  const [command = '', ...args] = launchCommand(programOf(order, containment), containment, {
    lastResortMs: lastResortMs(order.limits, order),
    dataLimitMb,
  });
  const isCommand = order.program.kind === 'command';
  const hasLife = !containment.parentDeathSignal;
  const child = spawn(command, args, {
    env: {
      ...inheritedEnvironment(),
      ...order.env,
      ...(order.warm === undefined && { [evaluationMark]: order.evaluationId }),
      ...(isCommand && { [tellingVariable]: String(tellingFd), [seedVariable]: String(order.seed) }),
      ...(controlGroup !== undefined && { [controlGroupVariable]: controlGroup }),
      ...(hasLife && { [lifeVariable]: String(lifeFd) }),
      [executionMark]: order.id,
      [hostMark]: process.env[sweepMark] ?? '',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...(hasLife ? (['pipe'] as const) : [])],
    ...(order.program.kind === 'command' && { cwd: order.program.cwd }),
  });
  if (hasPid(child)) return child;
  child.once('error', () => undefined); // the same, told later
  throw new Error(whyNoProcess(command, order));
}

/** The error itself comes a turn later. */
function whyNoProcess(command: string, { program }: StartOrder): string {
  if (program.kind === 'command' && !existsSync(program.cwd)) return `its folder ${program.cwd} is not there any more`;
  if (!isAbsolute(command)) return `there is no ${command} on the path of the training`;
  return existsSync(command) ? 'the system gave it no process' : `${command} is not there any more`;
}

function programOf({ program, limits }: StartOrder, { places }: Containment): readonly string[] {
  if (program.kind === 'command') return gateCommand(program.argv, places?.sh);
  return [process.execPath, ...heapLimitArgs(limits), ...program.nodeArgs, program.entry];
}

/** `timeout` takes 0 as 'never'. */
function lastResortMs({ startTimeMs, evaluationTimeMs }: Limits, { graceMs, warm }: StartOrder): number {
  const lifeMs = warm === undefined ? 0 : warmLifeMs;
  const boundMs = (startTimeMs ?? Infinity) + (evaluationTimeMs ?? Infinity) + graceMs + lifeMs + lastResortSlackMs;
  return Number.isFinite(boundMs) ? boundMs : 0;
}

function hasPid(child: ChildProcess): child is ChildProcess & { readonly pid: number } {
  return child.pid !== undefined;
}
