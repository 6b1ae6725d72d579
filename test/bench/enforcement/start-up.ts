import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { execa } from 'execa';
import { commandExecutor, processExecutor, threadExecutor, type Executor } from 'pitwall';
import { Piscina } from 'piscina';
import { pause } from '../leftovers.ts';
import { machineMs } from '../machine.ts';
import { atMost, medianText, type Measurement, type Row } from '../measurement.ts';
import { spreadOf } from '../statistics.ts';
import { evaluator } from './hostile-input.ts';
import { evaluate, settled } from './pitwall-candidates.ts';

interface Answer {
  readonly beganMs: number;
}

const what = "request to the first line of the user's code";

/** How soon an evaluation begins. */
export const startUp: Measurement = {
  title: 'Starting an evaluation',
  how: 'The evaluator answers with the moment at which its function was called; one evaluation after another, the machine idle otherwise.',
  measure: async ({ quick }) => {
    const module = evaluator('answers');
    const program = fileURLToPath(evaluator('answers-program'));
    const pool = new Piscina({ filename: fileURLToPath(module) });
    const times = { warm: quick ? 20 : 100, cold: quick ? 8 : 25 };
    const ours = async (executor: Executor, count: number, targetMs?: number, who = ''): Promise<Row> => {
      await settled();
      return row(who, await startsMs(count, async () => (await evaluate(executor, {})).result as Answer), targetMs);
    };
    const rows = [
      await ours(processExecutor(module, { warm: true }), times.warm, 5, 'pitwall, warm process'),
      await ours(processExecutor(module), times.cold, 100, 'pitwall, process'),
      await ours(commandExecutor([process.execPath, program]), times.cold, undefined, 'pitwall, command (node)'),
      await ours(threadExecutor(module), times.cold, undefined, 'pitwall, thread'),
      row('piscina, a thread that waits', await startsMs(times.warm, () => pool.run({}) as Promise<Answer>)),
      row(
        'new Worker()',
        await startsMs(times.cold, async () => {
          const [answer] = (await once(new Worker(evaluator('answers-thread')), 'message')) as [Answer];
          return answer;
        }),
      ),
      row(
        'execa (node)',
        await startsMs(times.cold, async () => JSON.parse((await execa(process.execPath, [program])).stdout) as Answer),
      ),
    ];
    await pool.destroy();
    return { rows };
  },
};

/** The first three load what the others find loaded. */
const discarded = 3;

async function startsMs(count: number, start: () => Promise<Answer>): Promise<number[]> {
  const found: number[] = [];
  for (let run = 0; run < count + discarded; run++) {
    const requestedMs = machineMs();
    const { beganMs } = await start();
    if (run >= discarded) found.push(beganMs - requestedMs);
    await pause(20);
  }
  return found;
}

function row(who: string, found: readonly number[], targetMs?: number): Row {
  const target = targetMs === undefined ? {} : { target: atMost(targetMs, ' ms', spreadOf(found).median, 'median') };
  return { what, who, figure: medianText(found, 'ms'), ...target };
}
