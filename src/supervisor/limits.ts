import type { Limits, MemoryLayer } from '../wire/index.ts';

/** What is seen of an evaluation at one moment. Times are the machine's monotonic milliseconds. */
export interface Observation {
  readonly nowMs: number;
  readonly spawnedMs: number;
  /** When its work began; `undefined` while it loads. */
  readonly startedMs: number | undefined;
  /** The item that has run longest. */
  readonly running: { readonly name: string; readonly startedMs: number } | null;
  readonly memoryMb: number | null;
  /** How long the running item was paused by us: that is not its own time. */
  readonly itemPausedMs?: number;
  /** What this look cost: a large tree takes its time. */
  readonly lookMs?: number;
}

/** A limit that is broken now. `overdueMs` is how long ago the time was up, of a time rule. */
export interface Broken {
  readonly rule: keyof Limits;
  readonly limit: number;
  readonly observed: number;
  readonly overdueMs?: number;
  /** Of a memory rule: what caught it, where it was not the look. */
  readonly layer?: MemoryLayer;
}

interface Deadline {
  readonly rule: keyof Limits;
  readonly limit: number;
  readonly sinceMs: number;
}

/** The first limit that an observation breaks: memory before time, since it cannot wait. */
export function brokenLimit(limits: Limits, seen: Observation): Broken | undefined {
  const { memoryMb } = limits;
  // Unknown is not zero: an unmeasured memory compares with nothing.
  if (memoryMb !== undefined && seen.memoryMb !== null && seen.memoryMb > memoryMb)
    return { rule: 'memoryMb', limit: memoryMb, observed: seen.memoryMb };
  for (const { rule, limit, sinceMs } of deadlines(limits, seen)) {
    const observed = seen.nowMs - sinceMs;
    if (observed >= limit) return { rule, limit, observed, overdueMs: observed - limit };
  }
  return undefined;
}

/** Marks carry their own time, so this is only how long a new process may go unseen. */
const longestPollMs = 20;
const shortestPollMs = 1;
/** Memory is rarely taken faster than this, so that a poll comes before the limit is passed by much. */
const fastestGrowthMbPerMs = 2.5;

/** A tree of hundreds of processes may not make the supervisor spend all its time on looking: a fifth of it, and every 100 ms. */
const pauseOfLook = 4;
const longestPauseMs = 100;

/** How long nobody needs to look, in milliseconds: to the next deadline, and shorter the less memory is left. */
export function nextLookMs(limits: Limits, seen: Observation): number {
  const { memoryMb, lookMs = 0 } = seen;
  const headroomMb = limits.memoryMb === undefined || memoryMb === null ? Infinity : limits.memoryMb - memoryMb;
  const pauseMs = Math.min(longestPauseMs, pauseOfLook * lookMs);
  const pollMs = Math.max(pauseMs, Math.min(longestPollMs, headroomMb / fastestGrowthMbPerMs));
  const untilDeadlineMs = deadlines(limits, seen).map(({ limit, sinceMs }) => sinceMs + limit - seen.nowMs);
  return Math.max(shortestPollMs, Math.min(pollMs, ...untilDeadlineMs));
}

function deadlines({ startTimeMs, itemTimeMs, evaluationTimeMs }: Limits, seen: Observation): Deadline[] {
  const found: Deadline[] = [];
  if (seen.startedMs === undefined) {
    if (startTimeMs !== undefined) found.push({ rule: 'startTimeMs', limit: startTimeMs, sinceMs: seen.spawnedMs });
    return found;
  }
  // One limit for all items, so the oldest running one decides.
  if (itemTimeMs !== undefined && seen.running !== null)
    found.push({
      rule: 'itemTimeMs',
      limit: itemTimeMs,
      sinceMs: Math.max(seen.running.startedMs, seen.startedMs) + (seen.itemPausedMs ?? 0),
    });
  if (evaluationTimeMs !== undefined)
    found.push({ rule: 'evaluationTimeMs', limit: evaluationTimeMs, sinceMs: seen.startedMs });
  return found;
}
