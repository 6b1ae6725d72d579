export { CallNotPermittedError } from './call-not-permitted-error.ts';
export { CircuitBreaker, recall, type CircuitBreakerMetrics } from './circuit-breaker.ts';
export type { BreakerPast, PastCall } from './breaker-past.ts';
export type { CircuitBreakerOptions, SlidingWindow } from './breaker-options.ts';
export type { CircuitBreakerSnapshot } from './breaker-snapshot.ts';
export { circuitStates, type BreakerTransition, type CircuitState } from './circuit-state.ts';
export type { Permit, RecordFailure } from './permit.ts';
export { withBreaker, type WithBreakerOptions } from './with-breaker.ts';
