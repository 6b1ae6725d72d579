import type { Limits, Program, Unenforceable } from '../wire/index.ts';
import type { Containment } from './containment.ts';

/** One of the guards: whether it stands here, and what is not held without it. */
export interface GuardReport {
  readonly mechanism: string;
  readonly works: boolean;
  /** What takes its place where it is missing, and what then cannot be held. */
  readonly without: string;
  /** The rules that are not held without it in the ordinary case, and for which programs. */
  readonly unheld?: readonly Unheld[];
}

interface Unheld {
  readonly rule: string;
  readonly programs: readonly Program['kind'][];
  /** Only giving less is impossible: with another action it is held. */
  readonly byPauses?: true;
}

/** Where no death signal would end a stopped program with its supervisor. */
export const nothingIsPaused = 'Nothing is paused, so that no rule can be held by giving less.';

/** What is known of the guards here, the most important first. */
export function describeContainment(containment: Containment): readonly GuardReport[] {
  const { processFiles, timeout, parentDeathSignal, keepsPriority } = containment;
  const { dataLimit, outOfMemoryScore, shell, controlGroups } = containment;
  return [
    {
      mechanism: 'process files (/proc)',
      works: processFiles,
      without:
        'There is no readable /proc here: the memory of an evaluation’s processes cannot be measured, so only V8’s own limit of its heap stands; and what an evaluation has started beside its own process group is not found.',
      unheld: [
        { rule: 'memoryMb', programs: ['evaluator', 'command'] },
        { rule: 'cpuPercent', programs: ['evaluator', 'command'] },
      ],
    },
    {
      mechanism: 'process group with a last resort (timeout of coreutils)',
      works: timeout,
      without:
        'An evaluation has no process group of its own: what it starts is found through /proc only, and while both the host and the supervisor are stopped nobody ends it at its limit.',
    },
    {
      mechanism: 'death signal (setpriv --pdeathsig of util-linux)',
      works: parentDeathSignal,
      without: `An evaluator’s own thread ends it when its supervisor is killed, from the moment that it has begun to load; a command that outlives its supervisor runs on until the next supervisor of its host finds it. ${nothingIsPaused}`,
      unheld: [
        { rule: 'evaluationTimeMs', programs: ['command'] },
        { rule: 'cpuPercent', programs: ['evaluator', 'command'], byPauses: true },
        { rule: 'gpuUtilizationPercent', programs: ['evaluator', 'command'], byPauses: true },
        { rule: 'trainingImpactPercent', programs: ['evaluator', 'command'] },
      ],
    },
    {
      mechanism: 'priority that stays low (setpriv --bounding-set of util-linux)',
      works: keepsPriority,
      without: 'An evaluation that runs as root can raise its own priority again, and slow the training down.',
    },
    {
      mechanism: 'limit of writable memory (prlimit of util-linux, or the shell’s ulimit)',
      works: dataLimit !== false,
      without:
        'A sudden huge allocation is met by the look at the process tree alone, a few milliseconds after it is used.',
    },
    {
      mechanism: 'first to go when memory runs out (oom_score_adj)',
      works: outOfMemoryScore,
      without: 'When the machine’s memory runs out, the kernel may choose the training in place of the evaluation.',
    },
    {
      mechanism: 'shell for the gate of a command (sh)',
      works: shell,
      without: 'Commands cannot be started; evaluators can.',
    },
    {
      mechanism: 'control group of its own (cgroup v2 with cgroup.kill)',
      works: controlGroups !== undefined,
      without:
        'A process that leaves its parents and its session and clears its environment, all three, is not found and lives on.',
    },
    {
      mechanism: 'memory limit of the control group (memory.max)',
      works: controlGroups?.holdsMemory === true,
      without: 'While the supervisor is stopped no limit of resident memory is held.',
    },
  ];
}

/**
 * What cannot be held here of the rules, and why, for a kind of program: what `sla:unenforceable` tells.
 *
 * @param limits a rule that is in them is left out where its action can be done
 */
export function unenforceable(
  containment: Containment,
  program: Program['kind'] = 'evaluator',
  limits: Limits = {},
): readonly Unenforceable[] {
  return describeContainment(containment).flatMap(({ works, without, unheld = [] }) =>
    works
      ? []
      : unheld
          .filter(({ programs, byPauses, rule }) => programs.includes(program) && !(byPauses && isHeld(rule, limits)))
          .map(({ rule }) => ({ rule, why: without })),
  );
}

function isHeld(rule: string, limits: Limits): boolean {
  const limit = limits[rule as keyof Limits];
  return typeof limit === 'object' && limit.action !== 'throttle';
}
