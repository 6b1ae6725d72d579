import { fork, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { benchVariable, endLeftovers, killLeftovers } from './leftovers.ts';
import type { Measured } from './measurement.ts';

/** What a process of its own says: what it came to, or why it came to nothing. */
export type Told =
  { readonly title: string; readonly how: string } | { readonly measured: Measured } | { readonly failure: string };

/** What is given to a measurement's process, as JSON in its environment: a command line would make it one of its own strays. */
export interface Assignment {
  readonly name: string;
  readonly quick: boolean;
  readonly folder: string;
  readonly token: string;
}

export interface MeasuredInOwnProcess {
  readonly title: string;
  readonly how: string;
  readonly seconds: number;
  readonly measured: Measured | { readonly failure: string };
  /** How many of its processes had to be ended by us, where its own end should have ended them. */
  readonly leftovers: number;
}

const tokens = new Set<string>();

/** Runs one measurement in a process of its own, for `boundS` at most, and leaves nothing of it behind. */
export async function inOwnProcess(
  entry: URL,
  { name, quick, boundS }: { readonly name: string; readonly quick: boolean; readonly boundS: number },
): Promise<MeasuredInOwnProcess> {
  const token = newToken();
  tokens.add(token);
  const folder = mkdtempSync(join('/dev/shm', 'pitwall-bench-'));
  const beganMs = performance.now();
  const assignment: Assignment = { name, quick, folder, token };
  // A session of its own, so that priorities count among its processes only, as they do in a user's terminal.
  const child = fork(entry, {
    detached: true,
    execArgv: ['--expose-gc'],
    env: { ...process.env, [benchVariable]: JSON.stringify(assignment) },
  });
  let title = name;
  let how = '';
  let measured: Measured | { readonly failure: string } | undefined;
  child.on('message', (message) => {
    const told = message as Told;
    if ('title' in told) ({ title, how } = told);
    else measured = 'measured' in told ? told.measured : told;
  });
  const end = await endOf(child, boundS * 1000);
  const leftovers = await endLeftovers(token);
  rmSync(folder, { recursive: true, force: true });
  tokens.delete(token);
  measured ??= { failure: `its process ended without a word (${end})` };
  return { title, how, seconds: (performance.now() - beganMs) / 1000, measured, leftovers };
}

/** Ends all that runs, for a benchmark that is interrupted. */
export function endAllNow(): void {
  for (const token of tokens) killLeftovers(token);
}

/** A number of seconds that nobody else sleeps: it stands in the command line of every stray. */
export function newToken(): string {
  return `${randomInt(100_000, 900_000)}.${process.pid}${randomInt(1000, 9999)}`;
}

export function endOf(child: ChildProcess, boundMs: number): Promise<string> {
  return new Promise((resolve) => {
    const bound = setTimeout(() => {
      child.kill('SIGKILL');
    }, boundMs);
    child.once('exit', (code, signal) => {
      clearTimeout(bound);
      resolve(signal ?? `exit code ${code ?? '?'}`);
    });
  });
}
