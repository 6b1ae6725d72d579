import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onPath } from '../probes/index.ts';
import { inheritedNodeArgs, siblingEntry } from './sibling-url.ts';
import { supervisorEnvironment } from './supervisor-environment.ts';

/**
 * Spawns a supervisor, with a channel to it; it keeps this process alive only while its channel is referred to.
 *
 * @param environment variables beside those of this process
 * @throws where the system gives it no process: too many of them, of open files, too little memory.
 */
export function startSupervisor(environment: Readonly<Record<string, string>>): ChildProcess {
  const entry = fileURLToPath(siblingEntry('../supervisor/entry', import.meta.url));
  const isSource = entry.endsWith('.ts');
  const node = [process.execPath, ...(isSource ? inheritedNodeArgs() : []), entry];
  // Stopped by somebody (SIGSTOP), it is woken by this process's death, and cleans up.
  const [command = process.execPath, ...args] = wakesWithUs()
    ? ['setpriv', '--pdeathsig', 'CONT', '--', ...node]
    : node;
  const env = { ...supervisorEnvironment(isSource), ...environment };
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env });
  if (child.pid === undefined) {
    child.once('error', () => undefined); // the same, told later
    if (child.connected) child.disconnect();
    throw new Error('the system gave it no process, because it has too many of them or of open files');
  }
  child.unref();
  child.channel?.unref();
  return child;
}

let deathSignal: boolean | undefined;

/** Tried once, before the first spawn: not every `setpriv` knows death signals. */
function wakesWithUs(): boolean {
  return (deathSignal ??=
    onPath('setpriv') &&
    spawnSync('setpriv', ['--pdeathsig', 'CONT', '--', 'true'], { stdio: 'ignore', timeout: 2000 }).status === 0);
}
