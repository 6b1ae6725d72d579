import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** Where the figures come from, in a line. */
export function machineText(): string {
  const memoryGb = (totalmem() / 2 ** 30).toFixed(0);
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${memoryGb} GB, ${type()} ${release()}, Node ${process.versions.node}, ${userText()}`;
}

/** Load of the last minute when it begins: above 0.5 somebody else is at work. */
export function loadText(): string {
  const [minute = '?'] = readFileSync('/proc/loadavg', 'utf8').split(' ');
  return `load of the machine before it: ${minute}`;
}

function userText(): string {
  return process.getuid?.() === 0 ? 'as root' : 'not as root';
}

/** The machine's monotonic milliseconds: the same in every process and thread. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** What to add to machine milliseconds for the wall clock's, to some microseconds: looked for at the turn of a millisecond. */
export function wallOffsetMs(): number {
  const before = Date.now();
  let wall = before;
  while (wall === before) wall = Date.now();
  return wall - machineMs();
}
