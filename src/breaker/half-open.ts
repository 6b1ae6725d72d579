import type { BreakerSettings } from './breaker-options.ts';
import type { HalfOpenState } from './circuit-state.ts';

/** Half-open from now on, with its whole sample still to come. */
export function halfOpenState(attempt: number, { clock, halfOpenMs }: BreakerSettings): HalfOpenState {
  return {
    kind: 'half-open',
    attempt,
    deadlineMs: clock.now() + halfOpenMs,
    admitted: 0,
    sample: { calls: 0, failed: 0, slow: 0 },
  };
}
