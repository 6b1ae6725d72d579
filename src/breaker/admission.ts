import type { BreakerSettings } from './breaker-options.ts';
import type { StateData } from './circuit-state.ts';

/** Tells whether a call that asked now would be admitted. */
export function admits(state: StateData, { clock, halfOpenCalls }: BreakerSettings): boolean {
  switch (state.kind) {
    case 'open':
      return clock.now() >= state.retryAtMs;
    case 'half-open':
      return state.admitted < halfOpenCalls && clock.now() < state.deadlineMs;
    case 'forced-open':
      return false;
    case 'closed':
    case 'disabled':
    case 'metrics-only':
      return true;
  }
}

/** In how many ms a call may be admitted; `null` where that hangs on a verdict or on a person. */
export function retryAfterMsOf(state: StateData, { clock, halfOpenCalls }: BreakerSettings): number | null {
  switch (state.kind) {
    case 'open':
      return Math.max(0, state.retryAtMs - clock.now());
    case 'half-open':
      return state.admitted < halfOpenCalls && clock.now() < state.deadlineMs ? 0 : null;
    case 'forced-open':
      return null;
    case 'closed':
    case 'disabled':
    case 'metrics-only':
      return 0;
  }
}
