import type { Violation } from 'pitwall';
import { pause } from '../leftovers.ts';
import { surelyAtMost, type Row } from '../measurement.ts';
import { pairedWindows } from '../paired-windows.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { rounded, type Estimate } from '../statistics.ts';
import { accompanied, type Company } from './company.ts';

const companies: readonly Company[] = [
  { what: 'one that waits', module: 'waits', input: {}, count: 1 },
  { what: 'two that burn a core each', module: 'burns', input: {}, count: 2 },
  { what: 'one with six burners in sessions of their own', module: 'burns-apart', input: { burners: 6 }, count: 1 },
  {
    what: 'one with two burners that raise the priority of their sessions',
    module: 'burns-apart',
    input: { burners: 2, raise: true },
    count: 1,
  },
  {
    what: 'one with six burners that raise the priority of their sessions',
    module: 'burns-apart',
    input: { burners: 6, raise: true },
    count: 1,
  },
];

const limitPercent = 5;

export const meter: OwnMeasurement = {
  title: 'What the meter says, and what the governor holds',
  how: `Steps of 2 ms of computing. First the evaluations run until the meter says something, with the limit at ${limitPercent}%: told is what that is, and how long after their start. Then they come and go, in stretches of four seconds with and without them in random order: told is the share of the training's speed that is lost beside them, by sums of steps, with its 95% interval. Two seconds after each coming and going are left out. What costs too much with the smallest share, a tenth of the time, is ended, and asked for again here.`,
  measure: async ({ quick }) => {
    const rows: Row[] = [];
    for (const company of companies) rows.push(...(await measured(company, quick)));
    return { rows };
  },
};

async function measured(company: Company, quick: boolean): Promise<readonly Row[]> {
  const { what } = company;
  const training = accompanied(company, limitPercent);
  const { come, go } = training;
  await pause(2_000);
  await come();
  const patienceMs = quick ? 40_000 : 60_000;
  const figure = await Promise.race([training.told, pause(patienceMs)]);
  if (figure !== undefined) await pause(settleMs);
  const shareInTurns = training.shareFromHere();
  const pairs = quick ? 4 : 14;
  const { value, error95 } = await pairedWindows({
    training,
    pairs,
    windowMs: 4_000,
    settleMs: 2_000,
    on: come,
    off: go,
  });
  await go();
  await training.stop();
  // Of the speed without them: x times slower is a share of 1 - 1/x lost.
  const lost: Estimate = { value: 100 * (1 - 1 / value), error95: (100 * error95) / value ** 2 };
  const parts = [
    `${lost.value.toFixed(1)}% +- ${lost.error95.toFixed(1)}, ${pairs} pairs`,
    `ran ${(100 * shareInTurns()).toFixed(0)}% of the time`,
    ...whatTheLimitDid(training.violations),
  ];
  return [
    {
      what: `${what}: what the meter says first`,
      who: 'pitwall',
      figure:
        figure === undefined
          ? `nothing could be told in ${rounded(patienceMs / 1000)} s`
          : `${figure.percent.toFixed(1)}% after ${rounded(figure.afterMs / 1000)} s`,
    },
    {
      what: `${what}: what is lost beside them from then on`,
      who: 'pitwall',
      figure: parts.join('; '),
      target: surelyAtMost(limitPercent, '%', lost),
    },
  ];
}

/** Whether they were given a smaller share, and whether some were ended for costing too much with the smallest. */
function whatTheLimitDid(violations: readonly Violation[]): readonly string[] {
  const ended = violations.filter(({ action }) => action === 'abort').length;
  const wasThrottled = violations.some(({ action }) => action === 'throttle');
  return [...(wasThrottled ? ['throttled'] : []), ...(ended > 0 ? [`ended ${ended} times`] : [])];
}

/** The governor needs so long to find its share. */
const settleMs = 6_000;
