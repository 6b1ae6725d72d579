// The supervisor's process: its channel to the host, its end, and what a predecessor may have left.
import { rmSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { killMarked, processesMarked } from '../probes/index.ts';
import {
  gpuMark,
  hostMark,
  machineNowMs,
  scratchVariable,
  sweepMark,
  type HostToSupervisor,
  type SupervisorToHost,
} from '../wire/index.ts';
import { kill } from './end-tree.ts';
import { defaultTotalMemoryMb } from './capacity.ts';
import { tryContainment } from './containment.ts';
import { removeStaleFolders } from './stale-folders.ts';
import { endStaleProcesses } from './stale-processes.ts';
import { Supervisor } from './supervisor.ts';

// Ctrl-C at the terminal, its closing, and the end of a service reach the whole group, and are for the host: it decides what becomes
// of its evaluations. If it ends, the channel does.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);

let unsent = 0;
/** What is optional is left out while an earlier message waits, so that a busy host gets no pile of it. */
function tell(message: SupervisorToHost, optional = false): boolean {
  if (process.send === undefined || !process.connected || (optional && unsent > 0)) return false;
  unsent++;
  process.send(message, undefined, undefined, () => unsent--);
  return true;
}

const containment = tryContainment();
const supervisor = new Supervisor({
  containment,
  capacity: {
    maxProcesses: availableParallelism(),
    totalMemoryMb: defaultTotalMemoryMb(freemem(), process.constrainedMemory()),
  },
  tell,
});

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await supervisor.end();
  for (const folder of scratchFolders()) remove(folder);
  process.exit(0);
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // an evaluator has put into it what cannot be removed: that is no reason to leave the other
  }
}

function scratchFolders(): readonly string[] {
  return JSON.parse(process.env[scratchVariable] ?? '[]') as string[];
}

/**
 * What is in a control group of the dead may be another host's, and another user's; what asks about GPUs may be held by its driver.
 * Neither is waited for any longer.
 */
const patienceMs = 2000;
const beganMs = machineNowMs();

/**
 * Ends what a former supervisor of the same host has left, before anything new is started: the marks are the same, and what has
 * lost them is in its control groups. What the host says meanwhile waits in the channel.
 */
function sweep(): void {
  const mark = process.env[sweepMark];
  const left = mark === undefined ? [] : processesMarked(hostMark, mark);
  left.forEach(kill);
  const isAsking = mark !== undefined && killMarked(gpuMark, mark) > 0;
  const groupsAreGone = containment.controlGroups?.sweep() ?? true;
  if (left.length > 0 || ((isAsking || !groupsAreGone) && machineNowMs() - beganMs < patienceMs)) {
    setTimeout(sweep, 1);
    return;
  }
  process.on('message', (message) => {
    supervisor.onMessage(message as HostToSupervisor);
  });
  tell({ type: 'hello' });
  endStaleProcesses();
  removeStaleFolders();
}

process.on('uncaughtException', (error) => {
  // With an unknown state in it nothing can be held: its death ends the evaluators, and the host replaces it.
  supervisor.strike();
  if (process.send === undefined || !process.connected) process.exit(70);
  process.send({ type: 'fatal', message: error.message } satisfies SupervisorToHost, () => process.exit(70));
});
process.on('disconnect', () => void end());
sweep();
// The host may have gone while this was loaded.
if (!process.connected) void end();
