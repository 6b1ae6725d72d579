import { existsSync } from 'node:fs';
import { onPath } from '../../src/probes/index.ts';
import { canMount } from './hosts/namespaces.ts';
import { tryContainment } from '../../src/supervisor/containment.ts';

const packages: Readonly<Record<string, string>> = {
  setpriv: 'util-linux',
  timeout: 'coreutils',
  sleep: 'coreutils',
  setsid: 'util-linux',
  mkfifo: 'coreutils',
  script: 'bsdutils',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  chromium: 'chromium',
};

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

let controlGroups: boolean | undefined;

/**
 * Whether the supervisor can make control groups here. Only then is contained what starts a new session with an empty environment
 * and outlives its parents; it is said which way it is.
 */
export function hasControlGroups(): boolean {
  if (controlGroups === undefined) {
    controlGroups = tryContainment().controlGroups !== undefined;
    console.info(
      controlGroups
        ? 'Control groups hold what evaluators start here.'
        : 'No control group can be made here: evaluators are held by their group, their tree and their marks.',
    );
  }
  return controlGroups;
}

let mounts: boolean | undefined;

/** Whether a test cannot have mounts of its own here, as only root may; then it is said that it is skipped. */
export function missingMounts(): boolean {
  if (mounts === undefined) {
    mounts = onPath('unshare') && onPath('mount') && canMount('mount -t tmpfs -o size=1m tmpfs /dev/shm');
    if (!mounts)
      console.warn('Tests of full disks want mounts of their own (root, or CAP_SYS_ADMIN). They are skipped.');
  }
  return !mounts;
}
