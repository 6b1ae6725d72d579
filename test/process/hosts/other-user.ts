import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { siblingEntry } from '../../../src/executors/sibling-url.ts';
import type { Surroundings } from './run-host.ts';

/** Nobody's: so what is counted by user is counted for the test alone. */
const user = 61_000 + (process.pid % 4000);

const isRoot = process.getuid?.() === 0;

/** A command that runs what stands behind it as a user who is not root, with no rights of any group. */
export const asOtherUser: readonly string[] = isRoot
  ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--no-new-privs', '--']
  : [];

/** Where such a host runs: its home and its temporary folder are its own. */
export function ofOtherUser(folder: string): Surroundings {
  const own = join(folder, 'tmp');
  mkdirSync(own);
  chmodSync(own, 0o777);
  return { through: asOtherUser, env: { HOME: own, TMPDIR: own } };
}

let readable: boolean | undefined;

/** Whether that user cannot read this checkout, or run this Node; then it is said that tests are skipped. */
export function missingOtherUser(): boolean {
  if (readable === undefined) {
    const module = siblingEntry('../../../src/wire/frames', import.meta.url);
    const [command, ...args] = [...asOtherUser, process.execPath, fileURLToPath(module)];
    readable = spawnSync(command, args, { stdio: 'ignore' }).status === 0;
    if (!readable) console.warn('Another user cannot read this checkout: tests as another user are skipped.');
  }
  return !readable;
}
