// The supervisor's process: its channel to the host, its end, and what a predecessor may have left.
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { processesMarked } from '../probes/index.ts';
import { hostMark, scratchVariable, sweepMark, type HostToSupervisor, type SupervisorToHost } from '../wire/index.ts';
import { kill } from './end-tree.ts';
import { tryContainment } from './launch.ts';
import { Supervisor } from './supervisor.ts';

// Ctrl-C at the terminal is for the host: it decides what becomes of its evaluations.
process.on('SIGINT', () => undefined);

let unsent = 0;
/** What is optional is left out while an earlier message waits, so that a busy host gets no pile of it. */
function tell(message: SupervisorToHost, optional = false): boolean {
  if (process.send === undefined || !process.connected || (optional && unsent > 0)) return false;
  unsent++;
  process.send(message, undefined, undefined, () => unsent--);
  return true;
}

const supervisor = new Supervisor({
  containment: tryContainment(),
  maxProcesses: Math.max(2, availableParallelism()),
  tell,
});

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await supervisor.end();
  const scratch = process.env[scratchVariable];
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  process.exit(0);
}

/**
 * Ends what a former supervisor of the same host has left, before anything new is started: the marks are the same. What the host
 * says meanwhile waits in the channel.
 */
function sweep(): void {
  const mark = process.env[sweepMark];
  const left = mark === undefined ? [] : processesMarked(hostMark, mark);
  left.forEach(kill);
  if (left.length > 0) {
    setTimeout(sweep, 1);
    return;
  }
  process.on('message', (message) => {
    supervisor.onMessage(message as HostToSupervisor);
  });
  tell({ type: 'hello' });
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
