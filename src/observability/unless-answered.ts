import type { Clock } from '../clock/index.ts';

/** So long the answers are waited for that came while the event loop was blocked: it runs late timers before it hears them. */
const graceMs = 50;

/** Calls `isLate` after `limitMs`, once an answer that came in time had its turn. @returns says that it has been answered */
export function unlessAnswered(clock: Clock, limitMs: number, isLate: () => void): () => void {
  const lastMs = Math.min(graceMs, limitMs / 2);
  let cancel = clock.setTimeout(() => {
    cancel = clock.setTimeout(isLate, lastMs);
  }, limitMs - lastMs);
  return () => {
    cancel();
  };
}
