import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { evaluation, processExecutor, Trainer } from 'pitwall';
import { Piscina } from 'piscina';
import { pause } from '../leftovers.ts';
import { atMost, medianText, type Measured, type Measurement, type Row } from '../measurement.ts';
import { spreadOf } from '../statistics.ts';
import { longestGapMs, train, type Step } from '../training.ts';
import { evaluator } from './hostile-input.ts';
import { evaluate, settled } from './pitwall-candidates.ts';

interface Weights {
  readonly layers: readonly Float32Array[];
}

const what = 'longest gap between two steps around a start';
/** Around a start, what it causes comes within this time. */
const aroundMs = 400;

/** How long the training stands still when 40 MB of its live weights are handed over. */
export const handOver: Measurement = {
  title: 'Handing over the weights',
  how: 'The training process holds 2 GB and steps (2 ms each); 40 MB of its live weights, ten arrays, go to an evaluation that begins. Told is the longest time between two steps from the request on, the copy included.',
  measure: async ({ quick, token }) => {
    const cold = processExecutor<Weights>(evaluator('takes-weights'));
    const warm = processExecutor<Weights>(evaluator('takes-weights'), { warm: true });
    await settled();
    const ballast = Array.from({ length: 8 }, () => Buffer.alloc(256 * 2 ** 20, 1));
    const layers = Array.from({ length: 10 }, () => new Float32Array(2 ** 20).fill(1));
    const weights: Weights = { layers };
    const starts = quick ? 5 : 15;
    const ours = [
      rowOf('nothing is started', await gaps(starts, () => undefined)),
      rowOf('pitwall, process', await gaps(starts, () => void evaluate(cold, weights)), 10),
      rowOf('pitwall, warm process', await gaps(starts, () => void evaluate(warm, weights))),
      ...(await inTrainer(weights, { starts, name: `hand-over-${token}` })),
    ];
    const theirs = await gapsOfPeers(weights, quick ? 2 : 5);
    ballast.length = 0;
    return { rows: [...ours, ...theirs] } satisfies Measured;
  },
};

/** The longest gap after each of so many starts, each of which is given between two steps. */
async function gaps(starts: number, start: () => void): Promise<number[]> {
  const training = train();
  await pause(100);
  const found: number[] = [];
  // The first start of all makes buffers and files that the others use again: it counts like every other.
  for (let count = 0; count < starts; count++) {
    const fromMs = performance.now();
    await new Promise<void>((resolve) => {
      training.between(() => {
        start();
        resolve();
      });
    });
    await pause(aroundMs);
    found.push(longestGapMs(training.steps, fromMs));
  }
  await training.stop();
  return found;
}

/** The same as users have it: in a trainer, with the journal, every second epoch. */
async function inTrainer(weights: Weights, { starts, name }: { starts: number; name: string }): Promise<Row[]> {
  const journal = join(tmpdir(), `pitwall-bench-journal-${name}`);
  const trainer = new Trainer({ name, epochs: 2 * starts, journal });
  trainer.register(evaluation({ name: 'weights', every: 2, module: evaluator('takes-weights'), input: () => weights }));
  const steps: Step[] = [];
  const ends: number[] = [];
  const work = train();
  await pause(100);
  await work.stop();
  await trainer.fit(async (epoch) => {
    const untilMs = performance.now() + aroundMs;
    while (performance.now() < untilMs)
      await epoch.step(() => {
        const beganMs = performance.now();
        while (performance.now() < beganMs + 2);
        steps.push({ beganMs, endedMs: performance.now() });
      });
    ends.push(performance.now());
    return {};
  });
  rmSync(journal, { recursive: true, force: true });
  const around = ends.slice(0, -1).map((endMs) => longestGapMs(steps, endMs, endMs + aroundMs));
  return [
    rowOf(
      'pitwall, process, in a Trainer with its journal',
      around.filter((_, index) => index % 2 === 1),
    ),
    rowOf(
      'Trainer, epochs without an evaluation',
      around.filter((_, index) => index % 2 === 0),
    ),
  ];
}

async function gapsOfPeers(weights: Weights, starts: number): Promise<Row[]> {
  const thread = new Worker(evaluator('takes-weights-thread'));
  const pool = new Piscina({ filename: fileURLToPath(evaluator('takes-weights')), minThreads: 1, maxThreads: 1 });
  const program = fileURLToPath(evaluator('takes-weights-program'));
  const sent = (serialization: 'advanced' | 'json') => (): void => {
    const child = execa(process.execPath, [program], { ipc: true, serialization });
    void child.sendMessage(weights as never).catch(() => undefined);
    void child.catch(() => undefined);
  };
  await pause(500);
  const rows = [
    rowOf(
      'worker.postMessage() to a thread that waits',
      await gaps(starts, () => {
        thread.postMessage(weights);
      }),
    ),
    rowOf('piscina, a thread that waits', await gaps(starts, () => void pool.run(weights))),
    rowOf("execa, ipc 'advanced'", await gaps(starts, sent('advanced'))),
    rowOf("execa, ipc 'json'", await gaps(Math.min(starts, 2), sent('json'))),
  ];
  await thread.terminate();
  await pool.destroy();
  return rows;
}

function rowOf(who: string, found: readonly number[], targetMs?: number): Row {
  const target = targetMs === undefined ? {} : { target: atMost(targetMs, ' ms', spreadOf(found).median, 'median') };
  return { what, who, figure: medianText(found, 'ms'), ...target };
}
