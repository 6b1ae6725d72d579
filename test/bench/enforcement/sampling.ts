import { createJob, processExecutor, type Executor } from 'pitwall';
import { pause } from '../leftovers.ts';
import { medianText, surelyAtMost, type Measurement, type Row } from '../measurement.ts';
import { cpuMsOf, supervisorPid } from '../processes.ts';
import { meanOf, rounded, sumOf, type Estimate } from '../statistics.ts';
import { train, type Training } from '../training.ts';
import { evaluator } from './hostile-input.ts';
import { settled } from './pitwall-candidates.ts';

/** What it costs to be watched: in the training's process, and in the supervisor. */
export const sampling: Measurement = {
  title: 'The cost of sampling',
  how: 'A training steps; beside it an evaluation that only waits, sampled ten times a second, or none: pairs of windows in random order. Of a training that computes without pause, told is the processor time of its process between the steps, where all that reaches it is heard; of one whose steps wait 50 ms for an accelerator, all its processor time: it is woken for each sample.',
  measure: async ({ quick }) => {
    const executor = processExecutor(evaluator('waits'));
    await settled();
    const windowMs = quick ? 1000 : 2000;
    const busy = train();
    const computing = await inPairs(executor, { pairs: quick ? 4 : 8, windowMs, begin: () => betweenStepsOf(busy) });
    await busy.stop();
    const waiting = steppingLightly();
    const light = await inPairs(executor, { pairs: quick ? 2 : 5, windowMs, begin: processorTime });
    await waiting.stop();
    const marginal = meanOf(computing.pairs.map(({ on, off }) => on.own - off.own));
    const ofSupervisor = meanOf(computing.pairs.map(({ on }) => on.supervisor));
    return {
      rows: [
        {
          what: `one evaluation sampled ${computing.samplesPerSecond} times a second, marginal, while the training computes`,
          who: 'pitwall',
          figure: shareText(marginal, computing.pairs.length),
          target: surelyAtMost(0.1, '% of a core', marginal),
        },
        {
          what: `the same (${light.samplesPerSecond} a second), while the training waits`,
          who: 'pitwall',
          figure: medianText(
            light.pairs.map(({ on, off }) => on.own - off.own),
            '% of a core',
          ),
        },
        {
          what: 'the supervisor, one evaluation',
          who: 'pitwall',
          figure: shareText(ofSupervisor, computing.pairs.length),
          target: surelyAtMost(3, '% of a core', ofSupervisor),
        },
        {
          what: 'the supervisor, no evaluation',
          who: 'pitwall',
          figure: shareText(meanOf(computing.pairs.map(({ off }) => off.supervisor)), computing.pairs.length),
        },
      ] satisfies Row[],
      notes: ['None of the others samples what an evaluation takes.'],
    };
  },
};

/** Percent of a core. */
interface Shares {
  readonly own: number;
  readonly supervisor: number;
}

interface Pairs {
  readonly pairs: readonly { readonly on: Shares; readonly off: Shares }[];
  readonly samplesPerSecond: string;
}

interface PairsOptions {
  readonly pairs: number;
  readonly windowMs: number;
  /** Begins to count what the training's process takes. @returns the milliseconds of it. */
  readonly begin: () => () => number;
}

async function inPairs(executor: Executor, { pairs: count, windowMs, begin }: PairsOptions): Promise<Pairs> {
  const supervisor = supervisorPid();
  const rates: number[] = [];
  const window = async (): Promise<Shares> => {
    const before = { supervisorMs: cpuMsOf(supervisor), atMs: performance.now() };
    const taken = begin();
    await pause(windowMs);
    const ms = performance.now() - before.atMs;
    return { own: (taken() * 100) / ms, supervisor: ((cpuMsOf(supervisor) - before.supervisorMs) * 100) / ms };
  };
  const watched = async (): Promise<Shares> => {
    const company = await waitingEvaluation(executor);
    await pause(200);
    const before = { samples: company.samples(), atMs: performance.now() };
    const shares = await window();
    rates.push(((company.samples() - before.samples) * 1000) / (performance.now() - before.atMs));
    await company.end();
    await pause(200);
    return shares;
  };
  const pairs: { readonly on: Shares; readonly off: Shares }[] = [];
  for (let pair = 0; pair < count; pair++) {
    const isOnFirst = Math.random() < 0.5;
    const first = await (isOnFirst ? watched() : window());
    const second = await (isOnFirst ? window() : watched());
    pairs.push(isOnFirst ? { on: first, off: second } : { on: second, off: first });
  }
  return { pairs, samplesPerSecond: rounded(sumOf(rates) / rates.length) };
}

/** An evaluation that has begun, and takes nothing. */
async function waitingEvaluation(executor: Executor): Promise<{ samples(): number; end(): Promise<void> }> {
  let samples = 0;
  let onStarted = (): void => undefined;
  const started = new Promise<void>((resolve) => (onStarted = resolve));
  const next = ({ type }: { readonly type: string }): void => {
    if (type === 'sample') samples++;
    if (type === 'started') onStarted();
  };
  const evaluating = executor(createJob({ input: {}, telemetry: { next } })).subscribe({ error: () => undefined });
  await started;
  return {
    samples: () => samples,
    end: async () => {
      evaluating.unsubscribe();
      await executor.idle?.();
    },
  };
}

/** What this process takes between the training's steps, its other threads included. */
function betweenStepsOf(training: Training): () => number {
  const before = training.cpuBetweenStepsMs();
  return () => training.cpuBetweenStepsMs() - before;
}

/** What all threads of this process take. */
function processorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

/** Steps that leave the processor to others. */
function steppingLightly(): { stop(): Promise<void> } {
  let isStopped = false;
  const loop = async (): Promise<void> => {
    while (!isStopped) await pause(50);
  };
  const done = loop();
  return {
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}

function shareText({ value, error95 }: Estimate, pairs: number): string {
  return `${value.toFixed(3)} +- ${error95.toFixed(3)}% of a core, ${pairs} pairs`;
}
