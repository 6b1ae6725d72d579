import type { Figures } from './circuit-state.ts';

/** A window's calls in a form that survives JSON. */
export type WindowSnapshot =
  | {
      readonly type: 'count';
      /** A number for each call, oldest first: 0, or 1 for a failure, 2 for a slow call, 3 for both. */
      readonly calls: readonly number[];
    }
  | { readonly type: 'time'; readonly slots: readonly (Readonly<Figures> & { readonly ageMs: number })[] };

/** The latest calls of a closed breaker, summed up. */
export interface CallWindow {
  /** The sums, kept up to date: reading them costs nothing. */
  readonly figures: Readonly<Figures>;
  record(failed: boolean, slow: boolean, nowMs: number): void;
  /** Drops what is too old by now. */
  forget(nowMs: number): void;
  clear(): void;
  save(nowMs: number): WindowSnapshot;
  /** Adds the calls of a snapshot taken `awayMs` ago; those of another type of window are left out. */
  load(snapshot: WindowSnapshot, nowMs: number, awayMs: number): void;
}
