import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { placeOnPath } from '../probes/index.ts';
import { tryControlGroups, type ControlGroups } from './control-group.ts';
import { launchCommand, type GuardPlaces, type Guards } from './launch.ts';

/** Which of the kernel's guards can be put around a program here: found by trying, not by looking. */
export interface Containment extends Guards {
  /** It can be made the first to go when the machine's memory runs out. */
  readonly outOfMemoryScore: boolean;
  /** /proc is there: its tree, its memory and its CPU time can be seen. */
  readonly processFiles: boolean;
  /** There is an `sh`, in which a command's gate is written. */
  readonly shell: boolean;
  /** Groups that hold whatever it starts, however that hides. */
  readonly controlGroups: ControlGroups | undefined;
}

const unguarded: Guards = { timeout: false, parentDeathSignal: false, keepsPriority: false, dataLimit: false };
const fullyGuarded: Guards = { timeout: true, parentDeathSignal: true, keepsPriority: true, dataLimit: 'prlimit' };

/** Tries every guard, all at once where all are there: 10 to 20 ms. Without a shell nobody is there to try them. */
export function tryContainment(): Containment {
  const places = placesOfGuards();
  const guards = hold({ ...fullyGuarded, places }) ? fullyGuarded : triedOneByOne(places);
  const said = saidBehind({ ...unguarded, places });
  return {
    ...guards,
    places,
    outOfMemoryScore: said?.includes('score 1000\n') === true,
    processFiles: canReadProcessFiles(),
    shell: said !== undefined,
    controlGroups: said === undefined ? undefined : tryControlGroups(),
  };
}

/** Found now, so that what is tried is what stands before an evaluation, whatever PATH that is given. */
function placesOfGuards(): GuardPlaces {
  const names = ['setpriv', 'timeout', 'prlimit', 'sh'] as const;
  return Object.fromEntries(names.map((name) => [name, placeOnPath(name)]));
}

function triedOneByOne(places: GuardPlaces): Guards {
  const alone: Guards = { ...unguarded, places };
  const dataLimits = ['prlimit', 'ulimit'] as const;
  return {
    timeout: hold({ ...alone, timeout: true }),
    parentDeathSignal: hold({ ...alone, parentDeathSignal: true }),
    keepsPriority: hold({ ...alone, keepsPriority: true }),
    dataLimit: dataLimits.find((dataLimit) => hold({ ...alone, dataLimit })) ?? false,
  };
}

/** More than any evaluation is given, so that a lower limit of the user's own is met here and not by an evaluation. */
const triedDataLimitMb = 2 ** 20;

/** Whether a program starts behind these guards, and is found in what they promise. */
function hold(guards: Guards): boolean {
  const said = saidBehind(guards);
  if (said === undefined) return false;
  if (guards.timeout && !isInGroupOfParent(said)) return false;
  return guards.dataLimit === false || said.includes(` ${triedDataLimitMb * 2 ** 20} `);
}

/** Another `timeout` than coreutils' may become the command, or leave it in our own group: both would be killed in vain. */
function isInGroupOfParent(said: string): boolean {
  const [, parent, group] = said.slice(said.lastIndexOf(')') + 2).split(' ');
  return parent !== undefined && parent === group && Number(parent) !== process.pid;
}

/** A shell tells of itself what it finds in /proc; where that is missing it only ends well. */
const probe = `
[ -r /proc/self/limits ] || exit 0
while read -r line; do case $line in 'Max data'*) echo "$line" ;; esac; done </proc/self/limits
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
read -r line </proc/self/oom_score_adj; echo "score $line"
read -r line </proc/self/stat; echo "$line"`;

const triedForMs = 2000;

/** What the guarded shell said, or `undefined` where it did not come to it. */
function saidBehind(guards: Guards): string | undefined {
  const how = { lastResortMs: triedForMs, dataLimitMb: triedDataLimitMb };
  const [command = '', ...args] = launchCommand([guards.places?.sh ?? 'sh', '-c', probe], guards, how);
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const { status, stdout } = spawnSync(command, args, { encoding: 'latin1', timeout: triedForMs, stdio: [...stdio] });
  return status === 0 ? stdout : undefined;
}

function canReadProcessFiles(): boolean {
  try {
    return readFileSync('/proc/self/statm', 'latin1') !== '';
  } catch {
    return false;
  }
}
