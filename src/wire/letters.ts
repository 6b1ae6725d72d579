/** What an evaluator tells while it works. */
export interface Letters {
  /** Items that have ended. */
  readonly done: number;
  /** The running item that began first; `startedMs` is monotonic milliseconds of the machine. */
  readonly running: { readonly name: string; readonly startedMs: number } | null;
  readonly progress: {
    readonly done: number;
    readonly total?: number | undefined;
    readonly note?: string | undefined;
  } | null;
  /** How often progress was told in all: the difference to what was read is what nobody saw. */
  readonly progressCount: number;
  /** How many partial results were written. */
  readonly partialCount: number;
}

export const emptyLetters: Letters = { done: 0, running: null, progress: null, progressCount: 0, partialCount: 0 };
