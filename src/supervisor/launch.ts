/** Where the programs lie that stand before another; what is left out is looked up on the PATH of the program itself. */
export type GuardPlaces = Readonly<Partial<Record<'setpriv' | 'timeout' | 'prlimit' | 'sh', string>>>;

/** The guards that stand before a program on its command line. */
export interface Guards {
  /** `timeout` gives it a process group of its own (without a new session) and ends it if nobody else does. */
  readonly timeout: boolean;
  /** `setpriv` lets the kernel end it when its parent dies. */
  readonly parentDeathSignal: boolean;
  /** `setpriv` takes away the right to raise its own priority again. */
  readonly keepsPriority: boolean;
  /** What limits the writable memory of each of its processes: util-linux' `prlimit`, or the shell's own `ulimit`. */
  readonly dataLimit: 'prlimit' | 'ulimit' | false;
  /** Those that were tried, and not others of their names on an evaluation's own PATH. */
  readonly places?: GuardPlaces;
}

/** How long, and how large, a guarded program may get if nobody else ends it. */
export interface LaunchLimits {
  /** After this `timeout` kills the group by itself; 0 for never. */
  readonly lastResortMs: number;
  /** The writable memory of each process, in MB; without it there is no such limit. */
  readonly dataLimitMb?: number | undefined;
}

/**
 * The command line that starts a program inside the guards.
 *
 * `setpriv`, `prlimit` and the shell become the next program; `timeout` stays as its parent. When the supervisor dies, the kernel
 * sends `timeout` an alarm, on which it kills its group; when `timeout` dies, the kernel kills the program.
 *
 * @example
 * launchCommand(['node', 'entry.js'], containment, { lastResortMs: 60_000, dataLimitMb: 2512 });
 */
export function launchCommand(
  program: readonly string[],
  guards: Guards,
  { lastResortMs, dataLimitMb }: LaunchLimits,
): readonly string[] {
  const { timeout, parentDeathSignal, places = {} } = guards;
  const limited = [...dataLimit(guards, dataLimitMb), ...program];
  if (!timeout) return [...privileges(guards, 'KILL'), ...limited];
  const group = [places.timeout ?? 'timeout', '-s', 'KILL', (lastResortMs / 1000).toFixed(1)];
  const inGroup = parentDeathSignal ? privileges({ parentDeathSignal, keepsPriority: false, places }, 'KILL') : [];
  return [...privileges(guards, 'ALRM'), ...group, ...inGroup, ...limited];
}

function privileges(
  { parentDeathSignal, keepsPriority, places = {} }: Pick<Guards, 'parentDeathSignal' | 'keepsPriority' | 'places'>,
  signal: string,
): readonly string[] {
  if (!parentDeathSignal && !keepsPriority) return [];
  return [
    places.setpriv ?? 'setpriv',
    ...(parentDeathSignal ? ['--pdeathsig', signal] : []),
    ...(keepsPriority ? ['--bounding-set', '-sys_nice'] : []),
    '--',
  ];
}

/** Never the address space (`--as`): V8 and WebAssembly reserve far more of that than they use. */
function dataLimit({ dataLimit: by, places = {} }: Guards, dataLimitMb: number | undefined): readonly string[] {
  if (by === false || dataLimitMb === undefined) return [];
  if (by === 'prlimit') return [places.prlimit ?? 'prlimit', `--data=${dataLimitMb * 2 ** 20}`, '--'];
  return [places.sh ?? 'sh', '-c', `ulimit -d ${dataLimitMb * 2 ** 10} && exec "$@"`, 'sh'];
}
