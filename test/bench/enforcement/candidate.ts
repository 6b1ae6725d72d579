import type { HostileInput } from './hostile-input.ts';

export interface CandidateLimits {
  readonly timeMs: number;
  readonly memoryMb: number;
}

/** How somebody said that an evaluation was over. */
export interface Told {
  /** `answered`, or the error in a few words. */
  readonly verdict: string;
  /** When the time was up by its own count, and when it was told; machine milliseconds. */
  readonly deadlineMs: number;
  readonly toldMs: number;
}

/** Somebody who runs evaluations under a limit of time: Pitwall in one of its ways, or what a user would take instead. */
export interface Candidate {
  readonly name: string;
  /** What is done once, before a training begins. */
  prepare?(limits: CandidateLimits): Promise<void>;
  run(input: HostileInput, limits: CandidateLimits): Promise<Told>;
}
