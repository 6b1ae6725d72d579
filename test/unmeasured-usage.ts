import type { Usage } from '../src/events/index.ts';

/** The use of an evaluation whose end nobody was left to measure. */
export const unmeasuredUsage: Usage = {
  wallMs: null,
  cpuMs: null,
  cpuShare: null,
  peakMemoryMb: null,
  startMs: null,
  pausedMs: null,
  queuedMs: null,
  goneMs: null,
};
