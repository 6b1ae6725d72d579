import { basename } from 'node:path';
import { isAlive, isGone, listProc, readProc } from '../probes/index.ts';
import { executionMark, scratchOwner, scratchVariable } from '../wire/index.ts';
import { kill } from './end-tree.ts';

/**
 * Ends what the evaluations of hosts that are gone have left: of a host that was killed in the same instant as its supervisor the
 * kernel ends the evaluators, but not what has begun a session of its own.
 */
export function endStaleProcesses(): void {
  for (const name of listProc('/proc')) {
    if (/^\d+$/.test(name) && isStale(readProc(`/proc/${name}/environ`)) && isAlive(Number(name))) kill(Number(name));
  }
}

/** Whether an environment is that of an evaluation, and its host is gone; a supervisor's is no evaluation's. */
export function isStale(environment = ''): boolean {
  const variables = new Map(environment.split('\0').map((each) => splitAt(each, each.indexOf('='))));
  const scratch = variables.get(scratchVariable);
  if (scratch === undefined || !variables.has(executionMark)) return false;
  const owner = ownerIn(scratch);
  return owner !== undefined && isGone(owner);
}

function splitAt(text: string, index: number): readonly [string, string] {
  return [text.slice(0, index), text.slice(index + 1)];
}

/** The host's identity stands in its folders' names. Anybody may have written anything there. */
function ownerIn(scratch: string): string | undefined {
  try {
    const [folder] = JSON.parse(scratch) as readonly unknown[];
    return typeof folder === 'string' ? scratchOwner(basename(folder)) : undefined;
  } catch {
    return undefined;
  }
}
