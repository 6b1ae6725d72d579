import type { Observation } from '../supervisor/limits.ts';
import type { Limits } from '../wire/index.ts';

/** Ten times a second, for the samples. */
const longestMs = 100;
const shortestMs = 1;

/**
 * How long nobody needs to look at a thread, in milliseconds. Marks carry their own time, so an item that begins after this look
 * cannot be over its limit before that limit has passed from now: nothing has to be polled for it.
 */
export function nextThreadLookMs({ startTimeMs, itemTimeMs, evaluationTimeMs }: Limits, seen: Observation): number {
  const { nowMs, spawnedMs, startedMs, running } = seen;
  const left = (limit: number | undefined, sinceMs: number): number =>
    limit === undefined ? Infinity : sinceMs + limit - nowMs;
  const deadlines =
    startedMs === undefined
      ? [left(startTimeMs, spawnedMs)]
      : [left(evaluationTimeMs, startedMs), left(itemTimeMs, running === null ? nowMs : running.startedMs)];
  return Math.max(shortestMs, Math.min(longestMs, ...deadlines));
}
