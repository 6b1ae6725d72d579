import { setImmediate as nextTurn } from 'node:timers/promises';

/** A step of a training: when it began and when it ended, in `performance.now()` milliseconds. */
export interface Step {
  readonly beganMs: number;
  readonly endedMs: number;
}

/** A training of steps of the same work, which lets the event loop run after each. */
export interface Training {
  readonly steps: readonly Step[];
  /** The processor time of this process between steps so far: what its loop does for everybody else. */
  cpuBetweenStepsMs(): number;
  /** Between two steps a piece of work of somebody else: what is synchronous in it makes a gap. */
  between(work: () => void): void;
  stop(): Promise<void>;
}

export const stepMs = 2;

/** The work of a step: it takes {@link stepMs} of a core of its own. */
export function stepWork(): () => void {
  const rounds = roundsFor(stepMs);
  return () => {
    compute(rounds);
  };
}

/** Begins a training whose step takes {@link stepMs} of a core of its own. */
export function train(): Training {
  const work = stepWork();
  const steps: Step[] = [];
  const waiting: (() => void)[] = [];
  let isStopped = false;
  let cpuBetweenStepsUs = 0;
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      const beganMs = performance.now();
      work();
      steps.push({ beganMs, endedMs: performance.now() });
      const before = process.cpuUsage();
      waiting.shift()?.();
      await nextTurn();
      const { user, system } = process.cpuUsage(before);
      cpuBetweenStepsUs += user + system;
    }
  };
  const done = loop();
  return {
    steps,
    cpuBetweenStepsMs: () => cpuBetweenStepsUs / 1000,
    between: (work) => waiting.push(work),
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}

/** Steps per millisecond over the steps that lie wholly between two moments, what is between them counted too. */
export function speedBetween(steps: readonly Step[], fromMs: number, toMs: number): { steps: number; ms: number } {
  const within = steps.filter(({ beganMs, endedMs }) => beganMs >= fromMs && endedMs <= toMs);
  const first = within[0];
  const last = within.at(-1);
  if (first === undefined || last === undefined) return { steps: 0, ms: toMs - fromMs };
  return { steps: within.length - 1, ms: last.beganMs - first.beganMs };
}

/** The longest time between the end of a step and the beginning of the next, of those that touch the span. */
export function longestGapMs(steps: readonly Step[], fromMs: number, toMs = Infinity): number {
  let longest = 0;
  for (const [index, { beganMs }] of steps.entries()) {
    const before = steps[index - 1];
    if (before === undefined || beganMs < fromMs || before.endedMs > toMs) continue;
    longest = Math.max(longest, beganMs - before.endedMs);
  }
  return longest;
}

let sink = 0;

function compute(rounds: number): void {
  let value = sink;
  for (let round = 0; round < rounds; round++) value = Math.sin(value + round);
  sink = value;
}

/** The work of one step: {@link stepMs} of a core of its own. */
export function oneStep(): void {
  compute(roundsFor(stepMs));
}

let calibrated: number | undefined;

/** How many rounds take so long here: the least of several tries, because whoever else is at work only adds. */
function roundsFor(ms: number): number {
  if (calibrated !== undefined) return calibrated;
  const tried = 100_000;
  const tookMs = Array.from({ length: 12 }, () => {
    const beganMs = performance.now();
    compute(tried);
    return performance.now() - beganMs;
  });
  calibrated = Math.max(1, Math.round((tried * ms) / Math.min(...tookMs)));
  return calibrated;
}
