import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { createJob, processExecutor } from 'pitwall';
import { Piscina } from 'piscina';
import { pause } from '../leftovers.ts';
import { surelyAtMost, type Circumstances, type Measurement, type Row } from '../measurement.ts';
import { pairedWindows, slowdownText } from '../paired-windows.ts';
import { treeOf } from '../processes.ts';
import { train, type Training } from '../training.ts';
import { evaluator } from './hostile-input.ts';
import { settled } from './pitwall-candidates.ts';

type Work = 'burns' | 'floods';

/** Something beside the training that can be there and away again. */
interface Company {
  readonly on: () => void | Promise<void>;
  readonly off: () => void | Promise<void>;
  readonly end: () => void | Promise<void>;
}

const beside = 2;

/** How much slower the training is with evaluations beside it. */
export const trainingSpeed: Measurement = {
  title: "The training's speed beside two evaluations",
  how: 'Steps of 2 ms of computing; windows with and without the evaluations, in random order pair by pair. Processes are stopped and woken for it, threads are ended and started anew. Told is the steps per millisecond without over those with, by sums over all windows (2 s each for Pitwall, 1 s for the others; 0.6 s in a quick run), with its 95% interval.',
  measure: async (circumstances) => {
    const { quick } = circumstances;
    const training = train();
    // Two percent are told by many windows, two thirds by few.
    const ours = quick ? { windowMs: 600, pairs: 4 } : { windowMs: 2000, pairs: 100 };
    const theirs = quick ? { windowMs: 600, pairs: 2 } : { windowMs: 1000, pairs: 3 };
    const compare = async (
      work: Work,
      who: string,
      make: (work: Work) => Company | Promise<Company>,
      { windowMs, pairs } = theirs,
    ): Promise<Row> => {
      const { end, ...company } = await make(work);
      const slowdown = await pairedWindows({ training, pairs, windowMs, ...company });
      await end();
      const target = who === 'pitwall, process' ? { target: surelyAtMost(1.02, 'x', slowdown) } : {};
      return { what: whatOf(work), who, figure: slowdownText(slowdown), ...target };
    };
    const rows: Row[] = [];
    for (const work of ['burns', 'floods'] as const) {
      rows.push(
        await compare(work, 'pitwall, process', (it) => inPitwall(it, circumstances), ours),
        await compare(work, 'worker threads', inThreads),
        ...(work === 'burns' ? [await compare(work, 'piscina', inPool)] : []),
        await compare(work, 'execa', inPrograms),
        await inline(work, training),
      );
    }
    await training.stop();
    return { rows };
  },
};

function whatOf(work: Work): string {
  return work === 'burns' ? 'two that burn a core each' : 'two that flood stdout';
}

async function inPitwall(work: Work, { folder }: Circumstances): Promise<Company> {
  const executor = processExecutor(evaluator(work), { concurrency: beside });
  await settled();
  const pids: number[] = [];
  const subscriptions = await Promise.all(
    Array.from(
      { length: beside },
      () =>
        new Promise<{ unsubscribe(): void }>((resolve, reject) => {
          const next = (telemetry: { readonly type: string; readonly pid?: number | undefined }): void => {
            if (telemetry.type !== 'started' || telemetry.pid === undefined) return;
            pids.push(telemetry.pid);
            setImmediate(() => {
              resolve(subscription);
            });
          };
          const job = createJob({ input: {}, logFolder: folder, telemetry: { next } });
          const subscription = executor(job).subscribe({ error: reject });
        }),
    ),
  );
  return {
    ...stoppable(() => pids.flatMap(treeOf)),
    end: async () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      await executor.idle?.();
    },
  };
}

async function inPrograms(work: Work): Promise<Company> {
  const program = fileURLToPath(evaluator('program'));
  const stdout = work === 'floods' ? { file: '/dev/null' } : ('pipe' as const);
  const children = Array.from({ length: beside }, () => execa(process.execPath, [program, work], { stdout }));
  for (const child of children) void child.catch(() => undefined);
  await pause(300);
  return {
    ...stoppable(() => children.flatMap(({ pid }) => pid ?? [])),
    end: async () => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.allSettled(children);
    },
  };
}

function inThreads(work: Work): Company {
  let threads: Worker[] = [];
  const off = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.terminate()));
    threads = [];
  };
  return {
    off,
    end: off,
    on: async () => {
      threads = Array.from({ length: beside }, () => {
        const thread = new Worker(evaluator('program'), { workerData: work, stdout: true });
        thread.stdout.pipe(createWriteStream('/dev/null'));
        return thread;
      });
      await Promise.all(threads.map((thread) => once(thread, 'online')));
      await pause(100);
    },
  };
}

async function inPool(work: Work): Promise<Company> {
  const pool = new Piscina({ filename: fileURLToPath(evaluator(work)), minThreads: beside, maxThreads: beside });
  await pause(300);
  let stop = new AbortController();
  return {
    on: async () => {
      stop = new AbortController();
      const { signal } = stop;
      for (let count = 0; count < beside; count++) pool.run({}, { signal }).catch(() => undefined);
      await pause(100);
    },
    off: async () => {
      stop.abort();
      await pause(200); // its threads end, and others are started in their place
    },
    end: () => pool.destroy(),
  };
}

/** Nobody steps while it works: there is nothing to be measured. */
async function inline(work: Work, { steps }: Training): Promise<Row> {
  const before = steps.length;
  const untilMs = performance.now() + 200;
  while (performance.now() < untilMs);
  const during = steps.length - before;
  await pause(1);
  return { what: whatOf(work), who: 'inline promise', figure: `no step at all (${during} in 200 ms)` };
}

function stoppable(pids: () => readonly number[]): Pick<Company, 'on' | 'off'> {
  const tell = (signal: NodeJS.Signals) => (): void => {
    for (const pid of pids()) process.kill(pid, signal);
  };
  return { on: tell('SIGCONT'), off: tell('SIGSTOP') };
}
