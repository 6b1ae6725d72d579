// What the evaluation is held to: used by the program and by its tests.
import { onPace } from './on-pace.js';

/** Hard limits: enforced outside the training process, whatever that is doing. @type {import('pitwall').SlaInput} */
export const sla = { evaluationTimeMs: 3_000, memoryMb: 500 };

/** Opens when the last three evaluations have failed, and tries again after ten minutes. @type {import('pitwall').CircuitBreakerOptions} */
export const breaker = {
  slidingWindow: { type: 'count', size: 3 },
  minimumNumberOfCalls: 3,
  failureRateThreshold: 100,
  waitDurationInOpenStateMs: 600_000,
};

/** Our own rules, beside those. */
export const safeguards = [onPace({ withinMs: 3_000 })];
