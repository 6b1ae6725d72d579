import type { Circumstances, Measurement } from '../measurement.ts';
import { rounded } from '../statistics.ts';
import type { CandidateLimits } from './candidate.ts';
import { hostileCase, type HostileCase, type HostileOutcome } from './hostile-case.ts';
import type { HostileWay } from './hostile-input.ts';
import { peers } from './peers.ts';
import { ours } from './pitwall-candidates.ts';

const timeMs = 700;
const eatingMs = 2000;
const memoryMb = 300;

interface Column {
  readonly way: HostileWay;
  readonly head: string;
  readonly limits: CandidateLimits;
}

const columns: readonly Column[] = [
  { way: 'spins', head: 'spins for ever', limits: { timeMs, memoryMb } },
  { way: 'ignores its signal', head: "ignores SIGTERM in `execSync('sleep')`", limits: { timeMs, memoryMb } },
  {
    way: 'eats memory',
    head: `takes 1 GB/s, limits ${memoryMb} MB and ${eatingMs / 1000} s`,
    limits: { timeMs: eatingMs, memoryMb },
  },
  { way: 'leaves a child', head: 'has a child', limits: { timeMs, memoryMb } },
  {
    way: 'leaves a child in its own session',
    head: 'has a child in its own session',
    limits: { timeMs, memoryMb },
  },
];

const quickWays: readonly HostileWay[] = ['spins', 'eats memory', 'leaves a child in its own session'];

/** What becomes of hostile evaluations, of their trees and of the training, whoever runs them. */
export const hostileCases: Measurement = {
  title: 'The same hostile evaluations, run by everybody',
  how: `Each case in a training process of its own, watched from outside. "gone" is when the last process or sign of life of the evaluation was seen, counted from its deadline (${timeMs} ms; of the others from their request, looked for every 3 ms and more); "told" is when the program heard of its end; "alive" means that it was there 1.5 s later (0.7 s in a quick run). What the training did meanwhile is in the last column: the longest time between two of its 2 ms steps, of all cases.`,
  measure: async (circumstances) => {
    const { quick } = circumstances;
    const patienceMs = quick ? 700 : 1500;
    const tries = quick ? columns.filter(({ way }) => quickWays.includes(way)) : columns;
    const lines: string[][] = [];
    for (const { name } of [...ours, ...peers]) {
      const line = [name];
      const gaps: number[] = [];
      let stopped = 0;
      for (const { way, limits } of tries) {
        const outcome = await tried({ candidate: name, way, limits, patienceMs }, circumstances);
        if (outcome.training === undefined) stopped++;
        else gaps.push(outcome.training.longestGapMs);
        line.push(cellOf(outcome, way));
      }
      lines.push([...line, trainingText(gaps, stopped)]);
    }
    return { table: { head: ['', ...tries.map(({ head }) => head), 'the training'], lines } };
  },
};

/** Who does not come to misbehave before its deadline is given two more tries: a busy machine accuses nobody. */
async function tried(theCase: HostileCase, circumstances: Circumstances): Promise<HostileOutcome> {
  let outcome = await hostileCase(theCase, circumstances);
  for (let more = 0; more < 2 && !outcome.misbehaved; more++) outcome = await hostileCase(theCase, circumstances);
  return outcome;
}

function cellOf(outcome: HostileOutcome, way: HostileWay): string {
  const { lost, training, told, lastSeenMs, isAlive, takenMb, misbehaved } = outcome;
  if (!misbehaved) return 'did not come to it in time';
  const took = way === 'eats memory' ? `took ${takenMb.toFixed(0)} MB; ` : '';
  if (lost !== undefined) return `${took}**the training was lost** (${lost})`;
  if (training === undefined) return `${took}**the training stopped**`;
  if (told === undefined) return `${took}**never told**, ${isAlive ? '**alive**' : 'gone'}`;
  if (told.verdict === 'memoryMb') return `ended by its limit, with ${takenMb.toFixed(0)} MB taken`;
  const toldText = `told ${afterText(told.toldMs - told.deadlineMs)}`;
  if (isAlive) return `${took}**alive**, ${toldText}`;
  return `${took}gone ${afterText(lastSeenMs - told.deadlineMs)}, ${toldText}`;
}

function afterText(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${rounded(Math.abs(ms))} ms`;
}

function trainingText(gaps: readonly number[], stopped: number): string {
  const gap = gaps.length === 0 ? '' : `longest gap ${rounded(Math.max(...gaps))} ms`;
  if (stopped === 0) return `went on, ${gap}`;
  const count = `**stopped or lost in ${stopped} of ${stopped + gaps.length}**`;
  return gap === '' ? count : `${count}, else ${gap}`;
}
