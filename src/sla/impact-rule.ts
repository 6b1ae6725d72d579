import type { ImpactEstimate } from './impact-interval.ts';

/** What one of those that run together may cost the training, and what is done where it is more. */
export interface ImpactRule {
  /** A share of the training's speed: 0.05 is 5%. */
  readonly limit: number;
  readonly action: 'throttle' | 'warn' | 'abort';
}

/**
 * What is left of a limit beside what is lost to others that cannot be paused. Where they alone break it nothing is left to be held:
 * what is measured is judged for itself.
 */
export function leftOf(limit: number, others: number): number {
  return others < limit ? limit - others : limit;
}

/** On which side of a limit a cost lies for certain; `undefined` where that cannot be told yet. */
export function sideOf({ low, high }: ImpactEstimate, limit: number, others: number): 'over' | 'under' | undefined {
  const left = leftOf(limit, others);
  if (low > left) return 'over';
  return high < left ? 'under' : undefined;
}
