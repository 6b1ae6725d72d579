import { defer, tap, type MonoTypeOperatorFunction } from 'rxjs';
import { withBreaker, type CircuitBreaker, type WithBreakerOptions } from '../breaker/index.ts';

const lastHeard = new WeakMap<CircuitBreaker, string>();

/** The evaluation that a breaker has last heard of: what it does, it does because of that one. */
export function lastHeardOf(breaker: CircuitBreaker): string | undefined {
  return lastHeard.get(breaker);
}

/** Puts an evaluation behind its breaker, and remembers which it was when the breaker hears of it. */
export function heardByBreaker<T>(
  breaker: CircuitBreaker,
  evaluationId: string,
  options: WithBreakerOptions,
): MonoTypeOperatorFunction<T> {
  const heard = (): void => void lastHeard.set(breaker, evaluationId);
  return (source$) =>
    defer(() => {
      heard();
      return source$.pipe(tap({ error: heard, complete: heard }), withBreaker(breaker, options));
    });
}
