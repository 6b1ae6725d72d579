import type { Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { rounded } from '../statistics.ts';
import { stepMs } from '../training.ts';
import { inTemporaryFolder } from './in-temporary-folder.ts';
import { byDefault, eachSecond, observersAsked } from './observers.ts';
import { inRounds, type Windows } from './watched-rounds.ts';
import { costRow, gapRow, processorCostOf, slowdownOf, together, unwatched } from './watched-rows.ts';
import { watchedTraining, type WatchedTraining } from './watched-training.ts';

const stepsAnEpoch = 200;
const epochMs = stepsAnEpoch * stepMs;
const windowMs = 1_000;
const togetherHard = 'all together, every level, asked each second';

export const watchedOften: OwnMeasurement = {
  title: `An epoch and an evaluation each ${epochMs / 1000} s`,
  how: `The same with epochs of ${stepsAnEpoch} steps, in turns of a second: no training evaluates ${3_600_000 / epochMs} times an hour, but here each observer's cost can be seen. Each by itself is asked for all that it has once in each turn, and so are all together in rows of their own. What it costs in its first half minute, while the code of all that is rare is not compiled yet, stands in a row of its own too.`,
  measure: ({ quick }) =>
    inTemporaryFolder(async (folder) => {
      const observers = observersAsked(eachSecond);
      const watched: readonly [WatchedTraining, WatchedTraining, ...WatchedTraining[]] = [
        await watchedTraining(unwatched, [], folder, stepsAnEpoch),
        await watchedTraining(together, observersAsked(byDefault), folder, stepsAnEpoch),
        await watchedTraining(togetherHard, observers, folder, stepsAnEpoch),
        ...(await Promise.all(observers.map((each) => watchedTraining(each.name, [each], folder, stepsAnEpoch)))),
      ];
      const [bare, all, ...others] = watched;
      const early = await inRounds([bare, all], { rounds: quick ? 2 : 30, windowMs });
      for (const { hasten } of watched) await hasten(quick ? 100 : 2_000);
      const windows = await inRounds(watched, { rounds: quick ? 2 : 30, windowMs });
      for (const { end } of watched) await end();
      const names = [all, ...others].map(({ name }) => name);
      const gap = 'longest gap between two steps, of each second';
      return {
        rows: [
          ...names.map((name) => costRow('slower than unwatched', name, slowdownOf(name, windows))),
          ...names.map((name) =>
            costRow('more processor time between the steps', name, processorCostOf(name, windows)),
          ),
          costRow('the same, in its first half minute', together, processorCostOf(together, early)),
          ...names.map((name) => epochRow(name, windows)),
          ...[unwatched, ...names].map((name) => gapRow(gap, name, windows)),
        ],
      };
    }),
};

/** What there is to tell is of epochs and evaluations: what it costs is the same whether they are long or short. */
function epochRow(who: string, windows: Windows): Row {
  const { value, error95 } = processorCostOf(who, windows).estimate;
  const msOf = (percent: number): string => rounded((percent / 100) * epochMs);
  return {
    what: 'processor time of an epoch with its evaluation',
    who,
    figure: `${msOf(value)} ms +- ${msOf(error95)}`,
  };
}
