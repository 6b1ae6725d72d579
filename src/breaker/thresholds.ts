import type { Figures } from './circuit-state.ts';

/** From which rates on, in percent, a breaker opens. */
export interface Thresholds {
  readonly failureRateThreshold: number;
  readonly slowCallRateThreshold: number | undefined;
}

/** Tells whether a rate is at or above its threshold. */
export function isBroken({ calls, failed, slow }: Readonly<Figures>, thresholds: Thresholds): boolean {
  const { failureRateThreshold, slowCallRateThreshold } = thresholds;
  return (
    reaches(failed, calls, failureRateThreshold) ||
    (slowCallRateThreshold !== undefined && reaches(slow, calls, slowCallRateThreshold))
  );
}

/** Says which rate is at or above its threshold: for figures that {@link isBroken} tells to be. */
export function whyBroken({ calls, failed, slow }: Readonly<Figures>, thresholds: Thresholds): string {
  const { failureRateThreshold, slowCallRateThreshold } = thresholds;
  return reaches(failed, calls, failureRateThreshold)
    ? `${failed} of ${calls} calls failed, the threshold is ${failureRateThreshold}%`
    : `${slow} of ${calls} calls were slow, the threshold is ${slowCallRateThreshold ?? 100}%`;
}

/** A rate in percent. */
export function rateOf(part: number, calls: number): number {
  return (part * 100) / calls;
}

/** Multiplied, not divided: 29 of 100 divided is 28.999…%, below a threshold of 29. */
function reaches(part: number, calls: number, threshold: number): boolean {
  return part * 100 >= threshold * calls;
}
