import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Violation } from '../../../src/events/index.ts';
import type { Telemetry } from '../../../src/executors/index.ts';
import { isAlive, processesMarked, readProc } from '../../../src/probes/index.ts';
import { executionMark } from '../../../src/wire/index.ts';
import { runHost, type Host, type Surroundings } from './run-host.ts';
import type { Command, RunCommand } from './obedient.ts';

/** How an evaluation ended, as its host was told. */
export interface Ended {
  readonly result?: Record<string, unknown>;
  readonly code?: string;
  readonly kind?: string;
  readonly message?: string;
  readonly violation?: Violation;
  readonly told: readonly Telemetry[];
  /** Its processes that were alive when the host was told. */
  readonly alive: readonly number[];
  readonly endedAt: number;
}

interface Process {
  readonly pid: number;
  readonly identity: string;
}

const hostVariable = 'PITWALL_TEST_HOST';
let hosts = 0;
const started = new Set<ObedientHost>();

/** A host that does what it is told, and all that it and its evaluators may leave behind. */
export class ObedientHost {
  /** Has room for what a test needs; anybody may write there. */
  readonly folder: string;
  readonly #mark = `${process.pid}.${++hosts}.${Math.random()}`;
  readonly #host: Host;
  readonly #supervisors = new Map<string, number>();
  #identity = '';

  private constructor(folder: string, surroundings: Surroundings) {
    this.folder = folder;
    const env = {
      PITWALL_TEST_TOLD: join(folder, 'told'),
      PITWALL_TEST_HOLD: join(folder, 'hold'),
      [hostVariable]: this.#mark,
      ...surroundings.env,
    };
    this.#host = runHost('obedient', [], { ...surroundings, env });
  }

  /** @param surroundings or what makes them of the host's folder, before the host is started */
  static async start(surroundings: Surroundings | ((folder: string) => Surroundings) = {}): Promise<ObedientHost> {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'told'), '');
    chmodSync(join(folder, 'told'), 0o666);
    const host = new ObedientHost(folder, typeof surroundings === 'function' ? surroundings(folder) : surroundings);
    started.add(host);
    const { identity, supervisors } = await host.#host.next('ready');
    host.#identity = identity as string;
    host.#know(supervisors);
    // It may not have become the supervisor's program yet. Where there is no /proc, it is never seen.
    for (let looks = 0; looks < 500 && host.#supervisors.size === 0; looks++)
      host.#know((await host.look()).supervisors);
    return host;
  }

  get pid(): number {
    return known(this.#host.child.pid);
  }

  /** The present supervisor: the last that was heard of. */
  get supervisor(): number {
    return known([...this.#supervisors.values()].at(-1));
  }

  get exited(): Host['exited'] {
    return this.#host.exited;
  }

  tell(command: Command): void {
    this.#host.child.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  run(id: string, order: Omit<RunCommand, 'do' | 'id'> = {}): void {
    this.tell({ do: 'run', id, ...order });
  }

  async started(id: string): Promise<number> {
    return (await this.#host.next('started', id)).pid as number;
  }

  /** The next rule that is told as held by giving less, or by a warning. */
  async throttled(id: string): Promise<Violation> {
    return (await this.#host.next('throttled', id)).violation as Violation;
  }

  async ended(id: string): Promise<Ended> {
    const ended = await this.#host.next('ended', id);
    this.#know(ended.supervisors);
    return ended as unknown as Ended;
  }

  /** What the host sees of its children, and of its folders. */
  async look(): Promise<{ readonly supervisors: readonly Process[]; readonly folders: readonly string[] }> {
    this.tell({ do: 'tell' });
    return (await this.#host.next('folders')) as never;
  }

  /** From here on evaluators stay in their loading; until `loads`. */
  holdsLoading(): void {
    writeFileSync(join(this.folder, 'hold'), '');
  }

  loads(): void {
    rmSync(join(this.folder, 'hold'), { force: true });
  }

  /** A file in its folder that an evaluator may wait for. */
  makeFile(name: string): void {
    writeFileSync(join(this.folder, name), '');
  }

  /** Resolves to the pid of the evaluator that was the `count`th to come to `phase`. */
  phase(phase: 'loading' | 'loaded' | 'working', count = 1): Promise<number> {
    return vi.waitFor(
      () => {
        const reached = this.#told().filter((each) => each.phase === phase)[count - 1];
        if (reached === undefined) throw new Error(`no evaluator came to ${phase} ${count} times`);
        return reached.pid;
      },
      { timeout: 60_000, interval: 2 },
    );
  }

  /** Every evaluator that has begun to load. */
  evaluators(): readonly number[] {
    return [...new Set(this.#told().map(({ pid }) => pid))];
  }

  /** The living processes that have begun below this host, itself too, wherever they hang now. */
  processes(): readonly number[] {
    return processesMarked(hostVariable, this.#mark);
  }

  /** Those of them that are its evaluations'. */
  processesOfEvaluations(): readonly number[] {
    return this.processes().filter((pid) => readProc(`/proc/${pid}/environ`)?.includes(`${executionMark}=`));
  }

  /** The folders and the control groups that are there of it. */
  folders(): readonly string[] {
    const own = ['/dev/shm', tmpdir(), this.folder].flatMap((parent) =>
      namesIn(parent)
        .filter((name) => name.startsWith(`pitwall-${this.#identity}-`))
        .map((name) => join(parent, name)),
    );
    return [...own, ...controlGroupsOf([...this.#supervisors.keys()])];
  }

  /** Resolves when nothing of it is alive. */
  async isDead(): Promise<void> {
    await vi.waitFor(
      () => {
        expect(this.processes()).toEqual([]);
      },
      { timeout: 20_000, interval: 10 },
    );
  }

  /** Resolves when nothing of it is alive, and no file of it is left. */
  async isGone(): Promise<void> {
    await this.isDead();
    await vi.waitFor(
      () => {
        expect(this.folders()).toEqual([]);
      },
      { timeout: 20_000, interval: 10 },
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Tells it that there is nothing more to do: nothing of ours keeps it alive then. */
  async ends(): Promise<void> {
    this.#host.child.stdin?.end();
    expect(await this.exited).toEqual([0, null]);
    await this.isGone();
  }

  /** Kills those that a test has left because it failed. */
  static killAll(this: void): void {
    for (const { pid, child } of [...started].map((host) => ({ pid: host.pid, child: host.#host.child })))
      if (isAlive(pid)) child.kill('SIGKILL');
    started.clear();
  }

  #told(): readonly { readonly phase: string; readonly pid: number }[] {
    const lines = readFileSync(join(this.folder, 'told'), 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as { phase: string; pid: number });
  }

  #know(supervisors: unknown): void {
    for (const { pid, identity } of supervisors as readonly Process[]) this.#supervisors.set(identity, pid);
  }
}

/** A signal to 0 would go to the whole test run. */
function known(pid: number | undefined): number {
  if (pid === undefined) throw new Error('there is no such process yet');
  return pid;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function controlGroupsOf(supervisors: readonly string[], below = '/sys/fs/cgroup', depth = 4): readonly string[] {
  if (depth === 0) return [];
  let folders: readonly string[];
  try {
    folders = readdirSync(below, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
  return folders.flatMap((name) =>
    supervisors.some((identity) => name.startsWith(`pitwall-${identity}-`))
      ? [join(below, name)]
      : controlGroupsOf(supervisors, join(below, name), depth - 1),
  );
}
