import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

const packages: Readonly<Record<string, string>> = { setpriv: 'util-linux', timeout: 'coreutils', sleep: 'coreutils' };

/**
 * Whether something that tests need beyond Node is missing; then they are skipped, and it is said what they want. In CI, where
 * `scripts/setup-debian.sh` has installed it, missing is an error.
 *
 * @example
 * describe.skipIf(missing('setpriv'))('the host killed', …);
 */
export function missing(...programs: readonly string[]): boolean {
  const wanted = programs.filter((program) => !onPath(program));
  const reasons = wanted.map((program) => `the program ${program} (apt-get install ${packages[program] ?? program})`);
  if (!existsSync('/proc/self/stat')) reasons.push('Linux with /proc');
  if (reasons.length === 0) return false;
  const sentence = `Some tests of real processes want ${reasons.join(' and ')}.`;
  if (process.env.CI !== undefined)
    throw new Error(`${sentence} bash scripts/setup-debian.sh installs what they want.`);
  console.warn(`${sentence} They are skipped.`);
  return true;
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
