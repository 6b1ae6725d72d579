import { availableParallelism } from 'node:os';
import { drmCards, onPath } from '../../probes/index.ts';
import { inWords } from '../../words/index.ts';
import type { SlaRule } from '../../sla/index.ts';
import type { Kind } from './bad-executor.ts';
import type { Fault } from './fault.ts';

/** What is there to break rules with. */
export interface Means {
  /** No limit of time is waited for longer. */
  readonly longestMs: number;
  readonly freeMb: number;
  readonly hasGpu: boolean;
  /** Whether there is time for a training that is slowed down until that is certain. */
  readonly trains: boolean;
}

/** What this machine has now. */
export function meansOf(longestMs: number, trains: boolean): Means {
  return {
    longestMs,
    trains,
    freeMb: Math.floor(process.availableMemory() / 2 ** 20),
    hasGpu: onPath('nvidia-smi') || drmCards().length > 0,
  };
}

/** How one rule is broken, or why it cannot be. */
interface Way {
  readonly faultAt: (limit: number) => Fault;
  readonly obstacle?: (limit: number, kind: Kind, means: Means) => string | undefined;
}

/** How much is taken beyond a limit of memory. */
export const beyondMb = 100;
/** A Node by itself. */
const nodeMb = 100;

/** By their weights (15 each, and 1024 a training's thread) so many take a tenth of a core at the lowest priority too. */
const burnersPerCore = 8;
const mostBurners = 128;

const waysToBreak: Readonly<Partial<Record<SlaRule, Way>>> = {
  evaluationTimeMs: { faultAt: () => ({ does: 'never answer' }) },
  itemTimeMs: { faultAt: () => ({ does: 'never end an item' }) },
  startTimeMs: {
    faultAt: () => ({ does: 'never load' }),
    obstacle: (_, kind) =>
      kind === 'command'
        ? 'a command has started as soon as its process has: it cannot break this rule'
        : whereOwn(kind),
  },
  memoryMb: {
    faultAt: (limit) => ({ does: 'take memory', toMb: limit + beyondMb }),
    obstacle: (limit, kind, { freeMb }) => {
      const neededMb = Math.ceil(limit + beyondMb + nodeMb);
      return neededMb > freeMb
        ? `it takes ${inWords(neededMb, 'MB')} of free memory to break it, and ${inWords(freeMb, 'MB')} are free`
        : whereOwn(kind);
    },
  },
  cpuPercent: {
    faultAt: () => ({ does: 'never answer' }),
    obstacle: (_, kind) => whereOwn(kind),
  },
  trainingImpactPercent: {
    faultAt: () => ({
      does: 'slow the training',
      burners: Math.min(mostBurners, burnersPerCore * availableParallelism()),
    }),
    obstacle: (_limit, _kind, { trains }) =>
      trains ? undefined : 'it takes a training, and up to a minute and a half: --training drills it',
  },
};

/** How a rule is going to be broken, or a sentence that says why it cannot be here. */
export function wayToBreak(rule: SlaRule, limit: number, kind: Kind, means: Means): Fault | string {
  const way = waysToBreak[rule];
  if (way !== undefined) return way.obstacle?.(limit, kind, means) ?? way.faultAt(limit);
  if (!rule.startsWith('gpu')) return 'the drill has no evaluator that breaks it';
  return means.hasGpu
    ? 'the drill has no program that works on a GPU; pitwall doctor tells whether it is measured'
    : 'there is no GPU here';
}

function whereOwn(kind: Kind): string | undefined {
  return kind === 'own' ? 'its executor is a function of your own: how it would tell of this is not known' : undefined;
}
