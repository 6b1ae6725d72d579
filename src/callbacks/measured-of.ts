import type { Usage } from '../events/index.ts';

/** What is no number that can be was not measured; a true 0 stays 0. */
export function measuredOf(value: number | null | undefined): number | null {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : null;
}

/**
 * What an executor has told that an evaluation took. `null` says that nobody could measure it; what is neither that nor a number that
 * can be, says nothing.
 */
export function usageToldBy(usage: Partial<Usage>): Partial<Usage> {
  const { trainingImpactPercent, ...others } = { ...usage };
  const told: Partial<Usage> = Object.fromEntries(
    Object.entries(others).filter(([, value]) => value === null || measuredOf(value) !== null),
  );
  // Beside an evaluation a training may be faster, too.
  return Number.isFinite(trainingImpactPercent) ? { ...told, trainingImpactPercent } : told;
}
