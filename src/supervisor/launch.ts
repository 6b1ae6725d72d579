import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { evaluationMark, executionMark, hostMark, sweepMark, type StartOrder } from '../wire/index.ts';

/** Which of the kernel's guards can be put around an evaluator here: found by trying, not by looking. */
export interface Containment {
  /** `timeout` gives it a process group of its own (without a new session) and ends it if nobody else does. */
  readonly timeout: boolean;
  /** `setpriv` lets the kernel end it when its parent dies. */
  readonly parentDeathSignal: boolean;
  /** `setpriv` takes away the right to raise its own priority again. */
  readonly keepsPriority: boolean;
}

/** Tries the programs once; takes a few milliseconds. */
export function tryContainment(): Containment {
  return {
    timeout: timeoutMakesGroup(),
    parentDeathSignal: run('setpriv', '--pdeathsig', 'KILL', '--', 'true') !== undefined,
    keepsPriority: run('setpriv', '--bounding-set', '-sys_nice', '--', 'true') !== undefined,
  };
}

/** Another `timeout` than coreutils' may become the command, or leave it in our own group: both would be killed in vain. */
function timeoutMakesGroup(): boolean {
  const stat = run('timeout', '-s', 'KILL', '5', 'cat', '/proc/self/stat');
  const [, parent, group] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return parent !== undefined && parent === group && Number(parent) !== process.pid;
}

/** What a program prints, or `undefined` where it is not there or fails. */
function run(command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'latin1', timeout: 2000 });
  return status === 0 ? stdout : undefined;
}

/**
 * The command that starts `node` inside the guards.
 *
 * `setpriv` becomes the next program; `timeout` stays as its parent. When the supervisor dies, the kernel sends
 * `timeout` an alarm, on which it kills its group; when `timeout` dies, the kernel kills the evaluator.
 *
 * @param lastResortMs after this `timeout` kills the group by itself
 */
export function launchCommand(
  node: readonly string[],
  { timeout, parentDeathSignal, keepsPriority }: Containment,
  lastResortMs: number,
): readonly string[] {
  const dropped = keepsPriority ? ['--bounding-set', '-sys_nice'] : [];
  const seconds = (lastResortMs / 1000).toFixed(1);
  if (!timeout) return parentDeathSignal ? ['setpriv', '--pdeathsig', 'KILL', ...dropped, '--', ...node] : node;
  const group = ['timeout', '-s', 'KILL', seconds];
  if (!parentDeathSignal) return [...group, ...node];
  return [
    'setpriv',
    '--pdeathsig',
    'ALRM',
    ...dropped,
    '--',
    ...group,
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    ...node,
  ];
}

/** Beyond its limits `timeout` gives an evaluation this long: it is for the case that the supervisor cannot act. */
const lastResortSlackMs = 15_000;

/** Starts an evaluator's process: marked, inside the guards, with one pipe a direction beside stdout and stderr. */
export function launchEvaluator(order: StartOrder, containment: Containment): ChildProcess {
  const { limits, graceMs, nodeArgs, entry, env, id, evaluationId } = order;
  const boundMs =
    (limits.startTimeMs ?? Infinity) + (limits.evaluationTimeMs ?? Infinity) + graceMs + lastResortSlackMs;
  const node = [process.execPath, ...nodeArgs, entry];
  // `timeout` takes 0 as 'never'.
  const [command = process.execPath, ...args] = launchCommand(
    node,
    containment,
    Number.isFinite(boundMs) ? boundMs : 0,
  );
  const marks = {
    [evaluationMark]: evaluationId,
    [executionMark]: id,
    [hostMark]: process.env[sweepMark] ?? '',
  };
  return spawn(command, args, {
    env: { ...process.env, ...env, ...marks },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
}
