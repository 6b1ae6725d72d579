import type { CircuitBreaker, Permit } from '../../src/breaker/index.ts';

/** Acquires, and fails the test where the breaker admits nothing. */
export function acquired(breaker: CircuitBreaker): Permit {
  const permit = breaker.tryAcquire();
  if (permit === undefined) throw new Error(`"${breaker.name}" is ${breaker.state} and gave no permit`);
  return permit;
}

/** Makes calls one after the other: `.` succeeds, `x` fails, `-` is given back. */
export function call(breaker: CircuitBreaker, outcomes: string): void {
  for (const outcome of outcomes) {
    const permit = acquired(breaker);
    if (outcome === '.') permit.success();
    else if (outcome === 'x') permit.failure(new Error('boom'));
    else permit.release();
  }
}
