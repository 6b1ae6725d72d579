import type { CircuitBreakerSnapshot } from './breaker-snapshot.ts';
import type { BreakerSettings } from './breaker-options.ts';
import type { WindowSnapshot } from './call-window.ts';
import type { CircuitState } from './circuit-state.ts';
import { askWaitMs } from './open-wait.ts';

/** A call that has come to its verdict. */
export interface PastCall {
  /** What it failed with; `undefined` for a success. */
  readonly error: unknown;
  readonly durationMs: number;
  /** When its verdict came, in wall-clock milliseconds. */
  readonly at: number;
}

/** What a record tells of a breaker that another process had. */
export interface BreakerPast {
  /** Each change of its state, in order. */
  readonly changes: readonly { readonly to: CircuitState; readonly at: number }[];
  /** The calls that were admitted and have ended since the last of them, in order. */
  readonly calls: readonly PastCall[];
}

/**
 * The snapshot that the breaker of a record would have given at its end.
 *
 * @param counts whether an error is a failure: what is none counts for nothing
 */
export function snapshotOfPast(
  { changes, calls }: BreakerPast,
  settings: BreakerSettings,
  counts: (error: unknown) => boolean,
): CircuitBreakerSnapshot {
  const last = changes.at(-1) ?? { to: 'closed', at: settings.clock.wallNow() };
  const at = last.at;
  switch (last.to) {
    case 'open': {
      const attempt = openingsInARow(changes);
      return { state: 'open', attempt, at, waitLeftMs: askWaitMs(settings.waitMs, attempt).waitMs };
    }
    case 'half-open':
      return { state: 'half-open', attempt: Math.max(1, openingsInARow(changes)), at };
    case 'closed':
    case 'metrics-only':
      return { state: last.to, attempt: 0, ...windowOf(calls, settings, counts) };
    case 'forced-open':
    case 'disabled':
      return { state: last.to, attempt: 0, at };
  }
}

function openingsInARow(changes: BreakerPast['changes']): number {
  const closedAt = changes.findLastIndex(({ to }) => to !== 'open' && to !== 'half-open');
  return changes.slice(closedAt + 1).filter(({ to }) => to === 'open').length;
}

/** The ages of a window are those of now: it was not saved when the process was gone. */
function windowOf(
  calls: readonly PastCall[],
  { clock, slidingWindow, slowCallDurationMs = Infinity }: BreakerSettings,
  counts: (error: unknown) => boolean,
): { readonly at: number; readonly window: WindowSnapshot } {
  const at = clock.wallNow();
  const told = calls
    .filter(({ error }) => error === undefined || counts(error))
    .map(({ error, durationMs, at: toldAt }) => ({
      ageMs: Math.max(0, at - toldAt),
      failed: error === undefined ? 0 : 1,
      slow: durationMs >= slowCallDurationMs ? 1 : 0,
    }));
  return slidingWindow.type === 'count'
    ? { at, window: { type: 'count', calls: told.map(({ failed, slow }) => failed + 2 * slow) } }
    : { at, window: { type: 'time', slots: told.map((call) => ({ ...call, calls: 1 })) } };
}
