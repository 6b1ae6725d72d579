/** How fast the training steps, with evaluations in flight beside it and without. */
export interface Speed {
  /** By epoch, from the first. */
  readonly epochs: readonly EpochSpeed[];
  /** The smoothed time of a step, in ms; `undefined` before the first. */
  readonly recentMs: number | undefined;
}

export interface EpochSpeed {
  readonly epoch: number;
  readonly beside: Steps;
  readonly alone: Steps;
}

/** Steps, and the time that they took in all. */
export interface Steps {
  readonly count: number;
  readonly totalMs: number;
}

/** Steps a second; `null` where there was no step of the kind. */
export interface StepsPerSecond {
  readonly beside: number | null;
  readonly alone: number | null;
}

export const noSpeed: Speed = { epochs: [], recentMs: undefined };

/** A step's part in the smoothed time: about the last twenty steps speak. */
const smoothing = 0.05;

/** @param isBeside whether an evaluation was in flight at the end of the step */
export function speedAfter(
  { epochs, recentMs }: Speed,
  { epoch, durationMs }: { readonly epoch: number; readonly durationMs: number },
  isBeside: boolean,
): Speed {
  const kind = isBeside ? 'beside' : 'alone';
  const present = epochs.find((other) => other.epoch === epoch) ?? { epoch, beside: noSteps, alone: noSteps };
  const changed = { ...present, [kind]: sumOf(present[kind], { count: 1, totalMs: durationMs }) };
  return {
    epochs: [...epochs.filter((other) => other.epoch !== epoch), changed],
    recentMs: recentMs === undefined ? durationMs : recentMs + smoothing * (durationMs - recentMs),
  };
}

/**
 * Compares steps beside evaluations with steps alone in the same epoch, and takes the mean over the epochs that have both: so a
 * machine that gets slower meanwhile, or games that get longer, count for neither. Where no epoch has both it is by plain sums.
 */
export function stepsPerSecond({ epochs }: Speed): StepsPerSecond {
  const matched = epochs.map((epoch) => ({ ...epoch, weight: Math.min(epoch.beside.count, epoch.alone.count) }));
  const weights = matched.reduce((sum, { weight }) => sum + weight, 0);
  const rate = (kind: 'beside' | 'alone'): number | null => {
    if (weights === 0) return rateOf(epochs.map((epoch) => epoch[kind]).reduce(sumOf, noSteps));
    const both = matched.filter(({ weight }) => weight > 0);
    const ms = both.reduce((sum, epoch) => sum + (epoch.weight * epoch[kind].totalMs) / epoch[kind].count, 0);
    return rateOf({ count: weights, totalMs: ms });
  };
  return { beside: rate('beside'), alone: rate('alone') };
}

const noSteps: Steps = { count: 0, totalMs: 0 };

function sumOf(one: Steps, other: Steps): Steps {
  return { count: one.count + other.count, totalMs: one.totalMs + other.totalMs };
}

function rateOf({ count, totalMs }: Steps): number | null {
  return totalMs > 0 ? (count / totalMs) * 1000 : null;
}
