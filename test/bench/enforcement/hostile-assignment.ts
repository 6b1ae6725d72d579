import type { CandidateLimits, Told } from './candidate.ts';
import type { HostileInput } from './hostile-input.ts';

/** What the training of a hostile case is given, as JSON in its environment. */
export interface HostileAssignment {
  readonly candidate: string;
  readonly input: HostileInput;
  readonly limits: CandidateLimits;
}

/** What it says: that the evaluation was told to be over, and, when it is asked, how the training went. */
export type HostileWord =
  | { readonly type: 'begins' }
  | { readonly type: 'told'; readonly told: Told }
  | { readonly type: 'training'; readonly steps: number; readonly longestGapMs: number };

export const assignmentVariable = 'PITWALL_BENCH_CASE';
