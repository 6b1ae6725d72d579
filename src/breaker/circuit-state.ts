/** Every state that a circuit breaker can be in. */
export const circuitStates = ['closed', 'open', 'half-open', 'forced-open', 'disabled', 'metrics-only'] as const;

/**
 * What a circuit breaker does with a call.
 *
 * - `closed`: admits and counts; opens when a rate reaches its threshold
 * - `open`: admits none until its wait is over
 * - `half-open`: admits a few, and closes or opens again by what they give
 * - `forced-open`: admits none until somebody says otherwise
 * - `disabled`: admits all and counts nothing
 * - `metrics-only`: admits all and counts, but never opens
 */
export type CircuitState = (typeof circuitStates)[number];

/** One change of a circuit breaker's state. */
export interface BreakerTransition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** A sentence for people: which rate reached which threshold, or who asked. */
  readonly reason: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

/** A state with the data that only it has. */
export type StateData = { readonly kind: Exclude<CircuitState, 'open' | 'half-open'> } | OpenState | HalfOpenState;

export interface OpenState {
  readonly kind: 'open';
  /** Which opening in a row this is, from 1. */
  readonly attempt: number;
  readonly waitMs: number;
  /** Monotonic: the first call from here on turns the breaker half-open. */
  readonly retryAtMs: number;
}

export interface HalfOpenState {
  readonly kind: 'half-open';
  readonly attempt: number;
  /** Monotonic: a sample that is not complete by then is a failed attempt. */
  readonly deadlineMs: number;
  /** Permits given and not given back. */
  admitted: number;
  readonly sample: Figures;
}

/** How many calls were counted, and how many of them failed or were slow. */
export interface Figures {
  calls: number;
  failed: number;
  slow: number;
}
