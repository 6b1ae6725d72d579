import { atMost, medianText, surelyAtMost } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { medianOf, spreadOf } from '../statistics.ts';
import { stepMs } from '../training.ts';
import { inTemporaryFolder } from './in-temporary-folder.ts';
import { byDefault, observersAsked } from './observers.ts';
import { inRounds } from './watched-rounds.ts';
import {
  betweenCostOf,
  costRow,
  gapRow,
  longerGapsOf,
  processorCostOf,
  slowdownOf,
  together,
  unwatched,
  windowsOf,
} from './watched-rows.ts';
import { watchedTraining } from './watched-training.ts';

const stepsAnEpoch = 2_000;
const windowMs = stepsAnEpoch * stepMs;
const limitPercent = 0.5;
const limitWaitedMs = 1;

export const watchedSpeed: OwnMeasurement = {
  title: "The training's speed, watched",
  how: `Two trainings of steps of ${stepMs} ms of computing, epochs of ${windowMs / 1000} s, an evaluation of each that answers at once: one is watched by nothing, one by all that there is, by its defaults: winston logs from info on, Prometheus scrapes every 15 s, and OpenTelemetry exports its spans every 5 s and its metrics every minute. They train in turns of ${windowMs / 1000} s, in another order each round. A training is hours long, so that of each 2 000 epochs go by with steps that do nothing before anything is counted. Told is how much slower the watched one is than the other one of the same round, with its 95% interval, then the median of the rounds: by the wall clock (steps by time, what is between the steps counted too); by the wall clock between the steps alone, as how long a step takes hangs on what others do on this machine; and by the processor time of the whole process between the steps, its writing threads too. A training that waited, for a disk say, would stand still between two steps for more than a step, and its event loop would be idle.`,
  measure: ({ quick }) =>
    inTemporaryFolder(async (folder) => {
      const watched = [
        await watchedTraining(unwatched, [], folder, stepsAnEpoch),
        await watchedTraining(together, observersAsked(byDefault), folder, stepsAnEpoch),
      ];
      for (const { hasten } of watched) await hasten(quick ? 100 : 2_000);
      const windows = await inRounds(watched, { rounds: quick ? 2 : 90, windowMs });
      for (const { end } of watched) await end();
      const slowdown = slowdownOf(together, windows);
      const between = betweenCostOf(together, windows);
      const processor = processorCostOf(together, windows);
      const longer = longerGapsOf(together, windows);
      const waitedMs = windowsOf(together, windows).map((window) => window.waitedMs);
      return {
        rows: [
          {
            ...costRow('slower than unwatched', together, slowdown),
            target: surelyAtMost(limitPercent, '%', slowdown.estimate),
          },
          {
            ...costRow('more time between the steps', together, between),
            target: surelyAtMost(limitPercent, '%', between.estimate),
          },
          {
            ...costRow('more processor time between the steps', together, processor),
            target: surelyAtMost(limitPercent, '%', processor.estimate),
          },
          gapRow(`longest gap between two steps, of each ${windowMs / 1000} s`, unwatched, windows),
          gapRow(`longest gap between two steps, of each ${windowMs / 1000} s`, together, windows),
          {
            what: 'longest gap between two steps, more than unwatched',
            who: together,
            figure: medianText(longer, 'ms'),
            target: surelyAtMost(stepMs, ' ms median', medianOf(longer)),
          },
          {
            what: `the event loop waited, of each ${windowMs / 1000} s`,
            who: together,
            figure: medianText(waitedMs, 'ms'),
            target: atMost(limitWaitedMs, ' ms', spreadOf(waitedMs).max, 'in each round'),
          },
        ],
      };
    }),
};
