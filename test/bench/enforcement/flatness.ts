import {
  CircuitBreaker,
  createJob,
  guard,
  inlineExecutor,
  maxTime,
  processExecutor,
  withBreaker,
  type Executor,
} from 'pitwall';
import { firstValueFrom } from 'rxjs';
import { pause } from '../leftovers.ts';
import { heldIf, type Measurement, type Row } from '../measurement.ts';
import { descriptorsOf, residentMb, supervisorPid, treeOf } from '../processes.ts';
import { rounded } from '../statistics.ts';
import { evaluator } from './hostile-input.ts';
import { settled } from './pitwall-candidates.ts';

/** Whether anything grows with the number of evaluations. */
export const flatness: Measurement = {
  title: 'Nothing grows',
  how: 'One evaluation after another, two at a time on warm evaluators that are replaced after 100 each, and inline through guard and breaker. What is held is counted after a tenth of them, after half, and at the end, each time once all are over and our garbage is collected; the supervisor collects its own when it wants to.',
  measure: async ({ quick }) => {
    const breaker = new CircuitBreaker({ name: 'flatness' });
    const inline = inlineExecutor(() => 1);
    const warm = processExecutor(evaluator('answers'), { warm: true, concurrency: 2 });
    await settled();
    const inProcesses = await heldOver(quick ? 600 : 10_000, {
      name: 'on warm evaluators',
      atOnce: 2,
      inProcesses: true,
      run: () => firstValueFrom(warm(createJob({ input: {} }))),
      idle: warm.idle,
    });
    const inlineRows = await heldOver(quick ? 20_000 : 100_000, {
      name: 'inline, guard and breaker around it',
      atOnce: 1,
      inProcesses: false,
      run: () => firstValueFrom(inline(createJob({ input: {} })).pipe(guard([maxTime(10_000)]), withBreaker(breaker))),
      idle: inline.idle,
    });
    return { rows: [...inProcesses, ...inlineRows] };
  },
};

interface Series {
  readonly name: string;
  readonly atOnce: number;
  /** Whether the supervisor has a part in it. */
  readonly inProcesses: boolean;
  readonly run: () => Promise<unknown>;
  readonly idle: Executor['idle'];
}

interface Held {
  readonly heapMb: number;
  readonly descriptors: number;
  readonly supervisorDescriptors: number;
  readonly supervisorMb: number;
  readonly processes: number;
  readonly active: number;
}

async function heldOver(total: number, { name, atOnce, inProcesses, run, idle }: Series): Promise<Row[]> {
  const evaluations = async (count: number): Promise<void> => {
    let left = count;
    const one = async (): Promise<void> => {
      while (left-- > 0) await run();
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    await idle?.();
  };
  const beganMs = performance.now();
  const seen: Held[] = [];
  for (const count of [total / 10, total * 0.4, total / 2]) {
    await evaluations(count);
    // An evaluator that has served enough is replaced when somebody asks: the next few ask.
    await evaluations(2 * atOnce);
    seen.push(await held());
  }
  const seconds = (performance.now() - beganMs) / 1000;
  const what = `${total.toLocaleString('en')} evaluations ${name}`;
  const told = (figure: string, key: keyof Held): Row => ({
    what: `${figure}, ${what}`,
    who: 'pitwall',
    figure: seen.map((each) => amountText(each[key])).join(', '),
  });
  const flat = (figure: string, key: keyof Held, slack: number): Row => {
    const amounts = seen.map((each) => each[key]);
    const growth = (amounts.at(-1) ?? NaN) - (amounts[0] ?? NaN);
    return { ...told(figure, key), target: heldIf(growth <= slack, 'flat') };
  };
  const ofSupervisor = [
    flat("the supervisor's descriptors", 'supervisorDescriptors', 2),
    told("the supervisor's resident MB, garbage included", 'supervisorMb'),
  ];
  return [
    flat('heap in MB', 'heapMb', 1),
    flat('descriptors', 'descriptors', 1),
    flat('processes', 'processes', 0),
    flat('timers and other handles', 'active', 0),
    ...(inProcesses ? ofSupervisor : []),
    { what: `speed, ${what}`, who: 'pitwall', figure: `${rounded(total / seconds)} a second` },
  ];
}

/** What this process and its supervisor hold, once what has ended is gone. */
async function held(): Promise<Held> {
  await pause(300);
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  await pause(50);
  const supervisor = supervisorPid();
  return {
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    descriptors: descriptorsOf('self'),
    supervisorDescriptors: descriptorsOf(supervisor),
    supervisorMb: residentMb(supervisor) ?? NaN,
    processes: treeOf(process.pid).length,
    active: process.getActiveResourcesInfo().length,
  };
}

function amountText(amount: number): string {
  return Number.isInteger(amount) ? String(amount) : rounded(amount);
}
