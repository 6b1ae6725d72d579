import { readFileSync } from 'node:fs';
import { isAlive, listProc } from '../../src/probes/index.ts';

const run = `${100_000 + Math.floor(Math.random() * 800_000)}.${process.pid}`;
let count = 0;

/**
 * A word that stands in the command line of whatever a hostile evaluator leaves behind, and nowhere else on this machine. It is a
 * number of seconds as well, so that `sleep` bears it: a stray is found by it also when it has emptied its environment.
 */
export function strayToken(): string {
  return `${run}${String(++count).padStart(4, '0')}`;
}

/** The living processes with the token in their command line; without one, those of this whole test run. */
export function straysOf(token = run): number[] {
  return listProc('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLineOf(pid).includes(token) && isAlive(pid));
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // gone
  }
}
