const firstWaitMs = 60_000;
const longestWaitMs = 1_800_000;

/** 60 s for the first opening, doubling with each one in a row to 30 min. */
export function defaultWaitMs(attempt: number): number {
  return Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
}

/**
 * Asks the user's function how long to stay open. A breaker opens whatever that function does: one that throws, or gives no
 * finite number from 0 on, is passed over for the default, and the reason of the transition says so.
 */
export function askWaitMs(
  waitMs: (attempt: number) => number,
  attempt: number,
): { readonly waitMs: number; readonly note: string } {
  try {
    const asked: unknown = waitMs(attempt);
    if (typeof asked === 'number' && asked >= 0 && Number.isFinite(asked)) return { waitMs: asked, note: '' };
    return fallback(attempt, `gave ${String(asked)}`);
  } catch {
    return fallback(attempt, 'threw');
  }
}

function fallback(attempt: number, fault: string): { readonly waitMs: number; readonly note: string } {
  const waitMs = defaultWaitMs(attempt);
  return { waitMs, note: `; waitDurationInOpenStateMs(${attempt}) ${fault}, so the default of ${waitMs} ms holds` };
}
