/** Tells time. Whatever in Pitwall tells time takes one, so that a test owns it. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. Only differences mean something. */
  now(): number;
  /** Wall-clock milliseconds since 1970. May jump; never used for a limit. */
  wallNow(): number;
  /** Runs `task` once after `ms` milliseconds (below 0 is 0). @returns a function that cancels it. */
  setTimeout(task: () => void, ms: number): () => void;
}
