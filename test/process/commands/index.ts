import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The folder of the programs that the tests of `commandExecutor` run. */
export const commands = fileURLToPath(new URL('.', import.meta.url));

/** Debian's own python3 sees Debian's packages; another one on the PATH need not. */
const candidates = ['/usr/bin/python3', 'python3'];

const found = candidates.find((path) => runs(path, 'import numpy'));

/** A Python that has numpy: the one of the system, or else that on the PATH. */
export const python = found ?? 'python3';

/**
 * Whether there is no Python with numpy; then the tests that want it are skipped, and it is said. In CI, where
 * `scripts/setup-debian.sh` has installed it, missing is an error.
 */
export function missingPython(): boolean {
  if (found !== undefined) return false;
  const sentence = 'Some tests of commands want python3 with numpy (apt-get install python3-numpy).';
  if (process.env.CI !== undefined)
    throw new Error(`${sentence} bash scripts/setup-debian.sh installs what they want.`);
  console.warn(`${sentence} They are skipped.`);
  return true;
}

function runs(path: string, code: string): boolean {
  return spawnSync(path, ['-c', code], { stdio: 'ignore', timeout: 60_000 }).status === 0;
}
