import { medianText, type Row } from '../measurement.ts';
import { meanOf, rounded, spreadOf, sumOf, type Estimate } from '../statistics.ts';
import type { Windows } from './watched-rounds.ts';
import type { TrainedWindow } from './watched-training.ts';

/** The training that nothing watches. */
export const unwatched = 'nothing';
/** The one that all there is watches, by its defaults. */
export const together = 'all together, by their defaults';

/** How much slower a training is than the unwatched one, in percent: the estimate, and what each round says. */
export interface Cost {
  readonly estimate: Estimate;
  readonly rounds: readonly number[];
}

/** By the wall clock: steps by time, what is between the steps counted too; by sums over all rounds. */
export function slowdownOf(name: string, windows: Windows): Cost {
  const { of, base } = pairsOf(name, windows);
  const speed = (all: readonly TrainedWindow[]): number =>
    sumOf(all.map(({ steps }) => steps)) / sumOf(all.map(({ ms }) => ms));
  const baseSpeed = speed(base);
  const rounds = of.map(({ steps, ms }, round) => {
    const other = base[round] ?? { steps: NaN, ms: NaN };
    return (100 * (other.steps / other.ms - steps / ms)) / baseSpeed;
  });
  return { estimate: { value: 100 * (1 - speed(of) / baseSpeed), error95: meanOf(rounds).error95 }, rounds };
}

/** By the wall clock, of the time between the steps alone: how long a step takes hangs on what others do on this machine. */
export function betweenCostOf(name: string, windows: Windows): Cost {
  return shareCostOf(name, windows, ({ betweenMs }) => betweenMs);
}

/** By the processor time of the process between the steps. */
export function processorCostOf(name: string, windows: Windows): Cost {
  return shareCostOf(name, windows, ({ cpuBetweenMs }) => cpuBetweenMs);
}

function shareCostOf(name: string, windows: Windows, between: (window: TrainedWindow) => number): Cost {
  const { of, base } = pairsOf(name, windows);
  const share = (window: TrainedWindow): number => (100 * between(window)) / window.ms;
  const rounds = of.map((window, round) => share(window) - share(base[round] ?? window));
  return { estimate: meanOf(rounds), rounds };
}

/** By how much its longest gap between two steps was longer in each round, in milliseconds. */
export function longerGapsOf(name: string, windows: Windows): readonly number[] {
  const { of, base } = pairsOf(name, windows);
  return of.map(({ longestGapMs }, round) => longestGapMs - (base[round]?.longestGapMs ?? NaN));
}

export function costRow(what: string, who: string, { estimate, rounds }: Cost): Row {
  const { median, min, max, count } = spreadOf(rounds);
  const spread = `median ${rounded(median)}% [${rounded(min)} to ${rounded(max)}], ${count} rounds`;
  return { what, who, figure: `${rounded(estimate.value)}% +- ${rounded(estimate.error95)}; ${spread}` };
}

export function gapRow(what: string, who: string, windows: Windows): Row {
  const gaps = windowsOf(who, windows).map(({ longestGapMs }) => longestGapMs);
  return { what, who, figure: medianText(gaps, 'ms') };
}

export function windowsOf(name: string, windows: Windows): readonly TrainedWindow[] {
  return windows.get(name) ?? [];
}

/** The windows of a training, and those of the unwatched one in the same rounds. */
function pairsOf(
  name: string,
  windows: Windows,
): { readonly of: readonly TrainedWindow[]; readonly base: readonly TrainedWindow[] } {
  return { of: windowsOf(name, windows), base: windowsOf(unwatched, windows) };
}
