import type { Violation } from '../events/index.ts';

/**
 * What would have become of a recorded evaluation by its limits.
 *
 * - `stopped`: it would have broken a limit. `afterMs` counts from its start; `null` where the record does not hold the moment.
 * - `passes`: no limit would have stopped it, and it would have ended as it did
 * - `unknown`: the record does not tell, and `why` says what is missing
 * - `skipped`: it did not begin, and would not
 */
export type Verdict =
  | {
      readonly verdict: 'stopped';
      readonly rule: string;
      readonly limit: number;
      readonly observed: number;
      readonly unit: string;
      readonly afterMs: number | null;
      /** What shows it, as a few words for people: `a sample of 812 MB`. */
      readonly shownBy: string;
    }
  | { readonly verdict: 'passes' }
  | { readonly verdict: 'unknown'; readonly why: string }
  | { readonly verdict: 'skipped'; readonly reason: 'busy' | 'superseded' | 'breaker-open' | 'stopping' };

/** A verdict, and what it rests on. */
export interface Judgement {
  readonly outcome: Verdict;
  /** The violation that would have ended it; of `stopped` only. */
  readonly violation?: Violation;
  /** Rules with the action `warn` that it would have broken. */
  readonly warned: readonly string[];
}
