import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { medianText, surelyAtMost, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { meanOf, medianOf, rounded, spreadOf, sumOf, type Estimate } from '../statistics.ts';
import { stepMs } from '../training.ts';
import { byDefault, eachSecond, observersAsked } from './observers.ts';
import { watchedTraining, type TrainedWindow, type WatchedTraining } from './watched-training.ts';

const windowMs = 1000;
const unwatched = 'nothing';
const together = 'all together, by their defaults';
const togetherHard = 'all together, every level, asked each second';
const inItsBeginning = ', in its first half minute';
const limitPercent = 0.5;

export const watchedSpeed: OwnMeasurement = {
  title: "The training's speed, watched",
  how: `Trainings of steps of ${stepMs} ms of computing, epochs of 200 of them, an evaluation of each that answers at once; one is watched by nothing, one by each observer, one by all. They train in turns of a second, in another order each round. Each by itself is asked for all that it has once in each turn, and so are all together in a second row; by their defaults, winston logs from info on, Prometheus scrapes every 15 s, and OpenTelemetry exports its spans every 5 s and its metrics every minute. A training is hours long, so that of each 2 000 epochs go by with steps that do nothing before anything is counted; what it costs before that, while the code of all that is rare is not compiled yet, stands in a row of its own, without a target. Told is how much slower a training is than the unwatched one of the same round: speed is steps by time, what is between the steps counted too; by sums over all rounds, with its 95% interval, then the median of the rounds; what has a target and the unwatched one train in more rounds than the others. The processor time is that of the whole process between the steps, its writing threads too: it leaves out what others on this machine do.`,
  measure: async ({ quick }) => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-watched-'));
    try {
      const observers = observersAsked(eachSecond);
      const watched: readonly [WatchedTraining, WatchedTraining, ...WatchedTraining[]] = [
        await watchedTraining(unwatched, [], folder),
        await watchedTraining(together, observersAsked(byDefault), folder),
        await watchedTraining(togetherHard, observers, folder),
        ...(await Promise.all(observers.map((each) => watchedTraining(each.name, [each], folder)))),
      ];
      const [bare, all, ...others] = watched;
      const early = await inRounds([bare, all], quick ? 4 : 30);
      for (const { hasten } of watched) await hasten(quick ? 100 : 2_000);
      const windows = joined(
        await inRounds([bare, all], quick ? 4 : 90),
        await inRounds([bare, all, ...others], quick ? 4 : 40),
      );
      for (const { end } of watched) await end();
      const names = [all, ...others].map(({ name }) => name);
      return {
        rows: [
          ...names.map((name) => speedRow(name, windows)),
          ...names.map((name) => processorRow(name, windows)),
          processorRow(together, early, inItsBeginning),
          ...[unwatched, ...names].map((name) => gapRow(name, windows)),
          waitRow(windows),
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

type Windows = ReadonlyMap<string, readonly TrainedWindow[]>;

/** The first round is for the compiler, and is not counted. */
async function inRounds(watched: readonly WatchedTraining[], rounds: number): Promise<Windows> {
  const found = new Map<string, TrainedWindow[]>(watched.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const { name, train } of shuffled(watched)) {
      const window = await train(windowMs);
      if (round >= 0) found.get(name)?.push(window);
    }
  return found;
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

/** What has the target trains in more rounds than the others. */
function joined(first: Windows, second: Windows): Windows {
  return new Map([...second].map(([name, windows]) => [name, [...windowsOf(first, name), ...windows]]));
}

function windowsOf(windows: Windows, name: string): readonly TrainedWindow[] {
  return windows.get(name) ?? [];
}

/** The windows of a training, and those of the unwatched one in the same rounds. */
function pairsOf(
  name: string,
  windows: Windows,
): { readonly of: readonly TrainedWindow[]; readonly base: TrainedWindow[] } {
  const of = windowsOf(windows, name);
  return { of, base: windowsOf(windows, unwatched).slice(-of.length) };
}

function speedRow(name: string, windows: Windows): Row {
  const { of, base } = pairsOf(name, windows);
  const speed = (all: readonly TrainedWindow[]): number =>
    sumOf(all.map(({ steps }) => steps)) / sumOf(all.map(({ ms }) => ms));
  const baseSpeed = speed(base);
  const losses = of.map(({ steps, ms }, round) => {
    const other = base[round] ?? { steps: NaN, ms: NaN };
    return (100 * (other.steps / other.ms - steps / ms)) / baseSpeed;
  });
  const value = 100 * (1 - speed(of) / baseSpeed);
  return rowOf('slower than unwatched', name, { value, error95: meanOf(losses).error95 }, losses);
}

function processorRow(name: string, windows: Windows, when = ''): Row {
  const { of, base } = pairsOf(name, windows);
  const share = ({ cpuBetweenMs, ms }: TrainedWindow): number => (100 * cpuBetweenMs) / ms;
  const more = of.map((window, round) => share(window) - share(base[round] ?? window));
  return rowOf(`more processor time between the steps${when}`, name, meanOf(more), more);
}

function rowOf(what: string, who: string, estimate: Estimate, rounds: readonly number[]): Row {
  const { median, min, max, count } = spreadOf(rounds);
  const spread = `median ${rounded(median)}% [${rounded(min)} to ${rounded(max)}], ${count} rounds`;
  return {
    what,
    who,
    figure: `${rounded(estimate.value)}% +- ${rounded(estimate.error95)}; ${spread}`,
    ...(who === together && !what.endsWith(inItsBeginning) && { target: surelyAtMost(limitPercent, '%', estimate) }),
  };
}

function gapRow(who: string, windows: Windows): Row {
  const gaps = windowsOf(windows, who).map(({ longestGapMs }) => longestGapMs);
  return { what: 'longest gap between two steps, of each second', who, figure: medianText(gaps, 'ms') };
}

/** A training that waited, for a disk say, would stand still for more than a step. */
function waitRow(windows: Windows): Row {
  const { of, base } = pairsOf(together, windows);
  const longer = of.map(({ longestGapMs }, round) => longestGapMs - (base[round]?.longestGapMs ?? NaN));
  return {
    what: 'longest gap between two steps, more than unwatched',
    who: together,
    figure: medianText(longer, 'ms'),
    target: surelyAtMost(stepMs, ' ms median', medianOf(longer)),
  };
}
