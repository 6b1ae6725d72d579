import { machineNowMs, type Letters, type SettledUsage, type SupervisorToHost, type Verdict } from '../wire/index.ts';
import { breachOf } from './breach.ts';
import type { Broken } from './limits.ts';

type Settled = Extract<SupervisorToHost, { type: 'settled' }>;

/** A verdict before its processes are gone. */
export type Decision =
  | { readonly kind: 'result' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'broken'; readonly broken: Broken }
  | Extract<Verdict, { kind: 'failed' }>;

/** An evaluation's course, once it is over. `...Ms` are the machine's monotonic milliseconds, `...At` the wall clock's. */
export interface Course {
  readonly letters: Letters;
  readonly queuedMs: number;
  readonly spawnedMs: number;
  readonly startedMs: number | undefined;
  readonly decidedMs: number;
  readonly goneMs: number;
  readonly killedAt: number;
  /** Since its start, loading left out. */
  readonly cpuMs: number | null;
  readonly peakMemoryMb: number | null;
  readonly pausedMs: number;
}

/** Of a core, while it was let run: who got less says little about its own speed. */
const starvedBelow = 0.2;

export function verdictOf(decision: Decision, course: Course): Verdict {
  const { killedAt, decidedMs, goneMs, letters, startedMs } = course;
  // By the monotonic clock: the wall clock may be set meanwhile.
  const goneAt = killedAt + (goneMs - decidedMs);
  switch (decision.kind) {
    case 'result':
    case 'failed':
      return decision;
    case 'stopped':
      return { kind: 'stopped', killedAt, goneAt };
    case 'broken': {
      const { wallMs, cpuMs, pausedMs } = usageOf(course);
      const sinceStartMs = startedMs === undefined ? undefined : wallMs;
      const starved = cpuMs !== null && cpuMs < starvedBelow * (wallMs - pausedMs);
      return {
        kind: 'breach',
        breach: breachOf(decision.broken, {
          letters,
          sinceStartMs,
          killedAt,
          goneAt,
          starved,
          peakMemoryMb: course.peakMemoryMb,
          pausedMs,
        }),
      };
    }
  }
}

export function usageOf(course: Course): SettledUsage {
  const { queuedMs, spawnedMs, startedMs, decidedMs, goneMs, cpuMs, peakMemoryMb, pausedMs } = course;
  const wallMs = startedMs === undefined ? 0 : decidedMs - startedMs;
  return {
    wallMs,
    cpuMs,
    cpuShare: cpuMs === null || wallMs <= 0 ? null : cpuMs / wallMs,
    peakMemoryMb,
    startMs: (startedMs ?? decidedMs) - spawnedMs,
    pausedMs,
    queuedMs,
    goneMs: goneMs - decidedMs,
  };
}

/** What is told of an evaluation that never had a process. */
export function settledUnstarted(id: string, verdict: Verdict, queuedMs: number): Settled {
  return {
    type: 'settled',
    id,
    verdict,
    usage: { wallMs: 0, cpuMs: null, cpuShare: null, peakMemoryMb: null, startMs: 0, pausedMs: 0, queuedMs, goneMs: 0 },
    report: { items: { done: 0, running: null }, progress: null, partials: 0 },
    dropped: [],
    output: '',
    stdout: '',
    goneMachineMs: machineNowMs(),
  };
}
