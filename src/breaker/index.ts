export { CallNotPermittedError } from './call-not-permitted-error.ts';
export { CircuitBreaker, type CircuitBreakerMetrics } from './circuit-breaker.ts';
export type { CircuitBreakerOptions, SlidingWindow } from './breaker-options.ts';
export type { CircuitBreakerSnapshot } from './breaker-snapshot.ts';
export type { BreakerTransition, CircuitState } from './circuit-state.ts';
export type { Permit } from './permit.ts';
export { withBreaker } from './with-breaker.ts';
