import type { Breach, Letters } from '../wire/index.ts';
import { above } from '../words/index.ts';
import type { Broken } from './limits.ts';
import { sampledRules } from './sampled-rules.ts';

/** What is known of an evaluation when a limit was broken; times are wall-clock milliseconds. */
export interface BreachFacts {
  readonly letters: Letters;
  /** How long it had worked; `undefined` while it loaded. */
  readonly sinceStartMs: number | undefined;
  readonly killedAt: number;
  readonly goneAt: number;
  /** While it was let run it got under 20% of a core, because it waited by itself or because none was free. */
  readonly starved: boolean;
  readonly peakMemoryMb: number | null;
  readonly pausedMs: number;
}

/** Tells a broken limit to the host. Of memory neither a deadline nor starving is told: it has none, and it is no excuse. */
export function breachOf(broken: Broken, facts: BreachFacts): Breach {
  const { rule, limit, observed, overdueMs } = broken;
  const { killedAt, goneAt, starved, pausedMs } = facts;
  const timed = overdueMs !== undefined;
  const layer = rule === 'memoryMb' ? (broken.layer ?? 'poll') : undefined;
  return {
    rule,
    limit,
    observed,
    unit: timed ? 'ms' : unitOf(rule),
    observedAt: killedAt,
    killedAt,
    goneAt,
    pausedMs,
    ...(layer !== undefined && { layer }),
    ...(timed && { deadlineAt: killedAt - overdueMs, starved }),
    message: sentence(broken, { ...facts, starved: timed && starved }),
  };
}

/** Says it to a person: what, how much, when, and in or after which item. */
function sentence(broken: Broken, { letters, sinceStartMs, starved, peakMemoryMb, pausedMs }: BreachFacts): string {
  const { rule, limit, observed } = broken;
  const where = letters.running === null ? afterItems(letters.done) : `in "${letters.running.name}"`;
  const meanwhile = pausedMs > 0 ? 'while it was not paused' : 'meanwhile';
  const little = starved ? `; the evaluation got under 20% of a core ${meanwhile}: it waited, or none was free` : '';
  switch (rule) {
    case 'memoryMb': {
      const when =
        sinceStartMs === undefined ? 'while it loaded' : `${seconds(sinceStartMs)} after its start, ${where}`;
      return `${memorySentence(broken, peakMemoryMb)}: ended ${when}. Hold less at once, or raise memoryMb.`;
    }
    case 'cpuPercent':
    case 'gpuUtilizationPercent':
    case 'gpuMemoryMb': {
      const inWords = sampledRules.find(({ name }) => name === rule)?.inWords ?? String;
      const unit = unitOf(rule);
      return `The evaluation's processes used ${inWords(observed)}, the limit is ${limit} ${unit} (${rule}), ${where}.`;
    }
    case 'itemTimeMs':
      return `The item "${letters.running?.name ?? ''}" ran ${seconds(observed)}, the limit is ${seconds(limit)} (itemTimeMs), after ${items(letters.done)}${little}.`;
    case 'startTimeMs':
      return `The evaluator was not loaded after ${seconds(observed)}, the limit is ${seconds(limit)} (startTimeMs)${little}.`;
    case 'evaluationTimeMs':
      return `The evaluation ran ${seconds(observed)}, the limit is ${seconds(limit)} (evaluationTimeMs), ${where}${little}.`;
  }
}

function unitOf(rule: Broken['rule']): string {
  return sampledRules.find(({ name }) => name === rule)?.unit ?? 'MB';
}

/** Who caught it, and how much it was. */
function memorySentence({ limit, observed, layer = 'poll' }: Broken, peakMemoryMb: number | null): string {
  const peak = peakMemoryMb === null ? '' : `, ${peakMemoryMb.toFixed(0)} MB at the last look`;
  switch (layer) {
    case 'poll':
      return `The evaluation's processes held ${above(limit, observed)} MB, the limit is ${limit} MB (memoryMb)`;
    case 'heap':
      return `The evaluation's JavaScript heap came to the end that it has under the limit of ${limit} MB (memoryMb; V8 said so${peak})`;
    case 'data':
      return `A process of the evaluation asked for more than ${observed.toFixed(0)} MB of writable memory at once, the limit is ${limit} MB resident (memoryMb; the kernel refused it, prlimit --data${peak})`;
    case 'cgroup':
      return `The evaluation's processes came to the limit of their control group, the limit is ${limit} MB (memoryMb; the kernel ended them${peak})`;
  }
}

function afterItems(done: number): string {
  return done === 0 ? 'before any item' : `after ${items(done)}`;
}

function items(done: number): string {
  return done === 1 ? '1 item' : `${done} items`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
