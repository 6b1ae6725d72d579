import { evaluation, Trainer, type Safeguard } from 'pitwall';
import { filter, ignoreElements, take, tap } from 'rxjs';
import { evaluator } from '../enforcement/hostile-input.ts';
import { heldIf, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { rounded, sumOf } from '../statistics.ts';
import { oneStep } from '../training.ts';

interface Company {
  readonly what: string;
  readonly module: string;
  readonly input: object;
  readonly count: number;
}

const companies: readonly Company[] = [
  { what: 'one that waits', module: 'waits', input: {}, count: 1 },
  { what: 'two that burn a core each', module: 'burns', input: {}, count: 2 },
  { what: 'one with two burners in sessions of their own', module: 'burns-apart', input: { burners: 2 }, count: 1 },
  { what: 'one with six burners in sessions of their own', module: 'burns-apart', input: { burners: 6 }, count: 1 },
];

const limitPercent = 5;

export const meter: OwnMeasurement = {
  title: 'What the meter says, and what the governor holds',
  how: `Steps of 2 ms of computing: alone, then beside evaluations, then alone again. Told is what the meter says first and how long after their start, with the limit at ${limitPercent}%; and what the training really lost from then on, by sums of its steps against both times alone. What the machine does by itself meanwhile falls on that figure too.`,
  measure: async ({ quick }) => {
    const rows: Row[] = [];
    for (const company of companies) rows.push(...(await measured(company, quick)));
    return { rows };
  },
};

interface Step {
  readonly endedMs: number;
  readonly durationMs: number;
}

/** The first figure of the meter. */
interface Figure {
  readonly percent: number;
  readonly atMs: number;
}

async function measured(company: Company, quick: boolean): Promise<readonly Row[]> {
  const aloneMs = quick ? 4_000 : 12_000;
  const besideMs = quick ? 40_000 : 60_000;
  const trainer = new Trainer({ name: 'bench', epochs: 3, journal: false, maxProcesses: company.count + 1 });
  let startedMs = NaN;
  let pausedMs = 0;
  let wallMs = 0;
  const said: { figure?: Figure; isHeld: boolean } = { isHeld: false };
  trainer.events$.subscribe((event) => {
    if (event.type === 'evaluation:start') startedMs = performance.now();
    if (event.type === 'sla:violation') said.isHeld ||= event.violation.action === 'throttle';
    if (event.type !== 'evaluation:end') return;
    pausedMs += event.usage.pausedMs ?? 0;
    wallMs += event.usage.wallMs ?? 0;
  });
  const watching: Safeguard = ({ impact$ }) =>
    impact$.pipe(
      filter((percent) => percent !== null),
      tap((percent) => (said.figure ??= { percent, atMs: performance.now() })),
      ignoreElements(),
    );
  const registered = Array.from({ length: company.count }, (_, number) =>
    trainer.register(
      evaluation({
        name: `company-${number + 1}`,
        when: (run$) =>
          run$.pipe(
            filter((event) => event.type === 'epoch:start' && event.epoch === 2),
            take(1),
          ),
        module: evaluator(company.module),
        input: () => company.input,
        safeguards: number === 0 ? [watching] : [],
        sla: { trainingImpactPercent: limitPercent },
      }),
    ),
  );
  const alone: Step[] = [];
  const beside: Step[] = [];
  await trainer.fit(async (epoch) => {
    const steps = epoch.epoch === 2 ? beside : alone;
    const untilMs = performance.now() + (epoch.epoch === 2 ? besideMs : aloneMs);
    while (performance.now() < untilMs) {
      const beganMs = performance.now();
      await epoch.step(oneStep);
      const endedMs = performance.now();
      steps.push({ endedMs, durationMs: endedMs - beganMs });
    }
    if (epoch.epoch === 2) for (const { unregister } of registered) unregister();
  });
  const { figure: told, isHeld } = said;
  const what = company.what;
  const share = 1 - pausedMs / wallMs;
  if (told === undefined)
    return [{ what, who: 'pitwall', figure: `nothing could be told in ${rounded(besideMs / 1000)} s` }];
  const lost = 1 - speedOf(beside.filter(({ endedMs }) => endedMs > told.atMs + settleMs)) / speedOf(alone);
  return [
    {
      what: `${what}: what the meter says`,
      who: 'pitwall',
      figure: `${told.percent.toFixed(1)}% after ${rounded((told.atMs - startedMs) / 1000)} s`,
    },
    {
      what: `${what}: what is lost from then on`,
      who: 'pitwall',
      figure: `${(100 * lost).toFixed(1)}%, ${isHeld ? 'held' : 'not held'}; it ran ${(100 * share).toFixed(0)}% of the time`,
      target: heldIf(lost <= limitPercent / 100, `<= ${limitPercent}%`),
    },
  ];
}

/** The governor needs so long to find its share. */
const settleMs = 6_000;

/** Steps a millisecond, by sums. */
function speedOf(steps: readonly Step[]): number {
  return steps.length / sumOf(steps.map(({ durationMs }) => durationMs));
}
