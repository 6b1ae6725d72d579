import { hostname } from 'node:os';
import { isGone, readProc } from '../probes/index.ts';
import { isAliveAt } from './life-socket.ts';

/** Who holds the lock of a run, as its file tells it. */
export interface LockHolder {
  readonly pid: number;
  /** Tells the process from a later one with the same pid, where nothing better is to be had. */
  readonly process: string;
  readonly host: string;
  /** Of the machine, and another one after each of its starts; empty where the system tells none. */
  readonly boot: string;
  /** Whether it listens on its {@link lifeSocketOf} for as long as it lives. */
  readonly socket: boolean;
  /** Tells this taking of the lock from every other. */
  readonly nonce: string;
}

/** Names this start of the machine; empty where the system does not. */
export function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** Where the holder of a lock listens. */
export function lifeSocketOf(lock: string, nonce: string): string {
  return `${lock}.${nonce}.alive`;
}

/**
 * Whether who holds a lock is dead for certain.
 *
 * On this machine its socket tells, in whatever container it runs; since the machine started anew nobody of before is there. Of another
 * machine nothing is known.
 */
export async function isHolderDead(lock: string, holder: LockHolder): Promise<boolean> {
  const { host, boot, socket, nonce, pid, process: identity } = holder;
  if (boot !== bootId()) return host === hostname();
  if (boot === '' && host !== hostname()) return false;
  const listens = socket ? await isAliveAt(lifeSocketOf(lock, nonce)) : undefined;
  if (listens !== undefined) return !listens;
  return identity === String(pid) ? !isThere(pid) : isGone(identity);
}

/** Without /proc: a pid that was reused looks like one that lives. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
