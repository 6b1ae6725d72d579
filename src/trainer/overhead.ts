import type { Overhead } from '../events/index.ts';
import type { SynchronousTime } from './synchronous-time.ts';

/** One callback's time, and how many steps it has seen. */
export interface Share {
  readonly name: string;
  readonly time: SynchronousTime;
  readonly steps: number;
}

interface OverheadParts {
  readonly shares: readonly Share[];
  /** What those took that are not here any more, by name. */
  readonly pastMs: ReadonlyMap<string, number>;
  /** All deliveries, with the callbacks' time in it. */
  readonly deliveries: SynchronousTime;
  readonly steps: number;
  readonly trainingMs: number;
}

/** Adds up what Pitwall cost the training thread. */
export function overheadOf({ shares, pastMs, deliveries, steps, trainingMs }: OverheadParts): Overhead {
  const byName = new Map(pastMs);
  for (const share of shares) byName.set(share.name, (byName.get(share.name) ?? 0) + share.time.totalMs(share.steps));
  const totalMs = deliveries.totalMs(steps);
  return {
    callbacksMs: Object.fromEntries(byName),
    totalMs,
    trainingMs,
    percent: trainingMs > 0 ? (100 * totalMs) / trainingMs : null,
  };
}
