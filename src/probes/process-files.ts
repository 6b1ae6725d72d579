import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import type { ProcessTimes } from './processor-account.ts';

const ticksPerSecond = 100; // USER_HZ: part of Linux's interface, the same everywhere

/** Reads a small file of /proc, or `undefined` where it is gone, denied, or there is no /proc. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** The names in a folder of /proc, empty where it is gone. */
export function listProc(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** A file of /proc that is read often, over a held descriptor: a read costs a few microseconds. */
export class HeldFile {
  readonly #path: string;
  readonly #fd: number | undefined;
  readonly #buffer = Buffer.alloc(512);

  constructor(path: string) {
    this.#path = path;
    let fd: number | undefined;
    try {
      fd = openSync(path, 'r');
    } catch {
      fd = undefined;
    }
    this.#fd = fd;
  }

  /** What stands in it now, or `undefined` when its process is gone. */
  read(): string | undefined {
    // Gone already, or there was no descriptor to hold.
    if (this.#fd === undefined) return readProc(this.#path);
    try {
      return this.#buffer.toString('latin1', 0, readSync(this.#fd, this.#buffer, 0, this.#buffer.length, 0));
    } catch {
      return undefined;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

/** Resident bytes from the text of `statm`, or `null` where it is none. */
export function residentBytes(statm: string | undefined): number | null {
  const pages = Number(statm?.split(' ')[1]);
  return Number.isFinite(pages) && statm ? pages * pageBytes() : null;
}

let knownPageBytes: number | undefined;

/** The kernel's page size, from the vector that it gives each process: 4096 on x86-64, up to 65536 elsewhere. */
function pageBytes(): number {
  return (knownPageBytes ??= auxiliaryValue(6) ?? 4096);
}

/** A value of /proc/self/auxv by its type (`AT_PAGESZ` is 6): pairs of two 64-bit numbers. */
function auxiliaryValue(type: number): number | undefined {
  let vector: Buffer;
  try {
    vector = readFileSync('/proc/self/auxv');
  } catch {
    return undefined;
  }
  for (let offset = 0; offset + 16 <= vector.length; offset += 16)
    if (vector.readBigUInt64LE(offset) === BigInt(type)) return Number(vector.readBigUInt64LE(offset + 8));
  return undefined;
}

/** A process's state letter, and its times, from the text of `stat`. */
export function parseStat(
  stat: string | undefined,
): { readonly state: string; readonly times: ProcessTimes } | undefined {
  // The name in parentheses may hold anything, blanks and parentheses too: what follows the last one is fields.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined || fields.length < 20) return undefined;
  const sumMs = (...of: readonly number[]): number =>
    of.reduce((sum, index) => sum + Number(fields[index]) * (1000 / ticksPerSecond), 0);
  const times = {
    parent: Number(fields[1]),
    bornTicks: Number(fields[19]),
    ownMs: sumMs(11, 12),
    waitedMs: sumMs(13, 14),
  };
  return { state: fields[0] ?? '', times };
}

/** Whether the process runs or could: not gone, and not a zombie that only waits to be reaped. */
export function isAlive(pid: number): boolean {
  const state = parseStat(readProc(`/proc/${pid}/stat`))?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Whether the process was stopped by a signal, and not let go on since. */
export function isStopped(pid: number): boolean {
  return parseStat(readProc(`/proc/${pid}/stat`))?.state === 'T';
}
