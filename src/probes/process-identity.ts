import { readlinkSync } from 'node:fs';
import { isAlive, readProc } from './process-files.ts';

/**
 * Names a process so that no later one is taken for it: its pid namespace, its pid and when it began, as `4026531836-1234-987654`;
 * without /proc only its pid.
 */
export function identityOf(pid: number): string {
  const begun = begunAt(pid);
  const namespace = pidNamespace();
  return begun === undefined || namespace === undefined ? String(pid) : `${namespace}-${pid}-${begun}`;
}

/**
 * Whether the process of an {@link identityOf} is gone for certain: of one in another namespace nothing is known. Dead it is gone,
 * also where nobody has reaped it: process 1 of a container may never do that.
 */
export function isGone(identity: string): boolean {
  const [namespace, pid, begun] = identity.split('-');
  if (begun === undefined || namespace === undefined || namespace !== pidNamespace()) return false;
  return begunAt(Number(pid)) !== begun || !isAlive(Number(pid));
}

/** Clock ticks between the machine's boot and the process's begin; `undefined` where there is none. */
function begunAt(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything: what follows the last one is fields.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function pidNamespace(): string | undefined {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
  } catch {
    return undefined;
  }
}
