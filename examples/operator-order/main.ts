// What stands before `withBreaker` in the pipe is part of the call, and the breaker learns how it ended.
// What stands after it only takes the result away: the breaker sees that somebody left, and counts nothing.
import assert from 'node:assert/strict';
import { NEVER, concat, defer, of, retry, take, timeout, type Observable } from 'rxjs';
import { CallNotPermittedError, CircuitBreaker, schedulerOf, withBreaker } from 'pitwall';
import { VirtualClock } from 'pitwall/testing';

const clock = new VirtualClock();
const scheduler = schedulerOf(clock);
const hung$ = NEVER;
const answersAndGoesOn$ = concat(of('the answer'), NEVER);

/** Subscribes, lets five seconds pass, and tells what the breaker has counted. */
async function counted(make: (breaker: CircuitBreaker) => Observable<unknown>): Promise<string> {
  const breaker = new CircuitBreaker({ clock, minimumNumberOfCalls: 1 });
  make(breaker).subscribe({ error: () => undefined });
  await clock.advance(5_000);
  const { bufferedCalls, failedCalls } = breaker.metrics;
  return `${bufferedCalls} calls, ${failedCalls} of them failed`;
}

// timeout before the breaker: a call that hangs is a call that failed.
const right = await counted((breaker) => hung$.pipe(timeout({ each: 1_000, scheduler }), withBreaker(breaker)));
// timeout after it: the same error downstream, and the breaker never opens.
const wrong = await counted((breaker) => hung$.pipe(withBreaker(breaker), timeout({ each: 1_000, scheduler })));
console.log(`timeout before: ${right}; after: ${wrong}`);
assert.deepEqual([right, wrong], ['1 calls, 1 of them failed', '0 calls, 0 of them failed']);

// take(1) before the breaker ends the call with its first value: a success.
const ended = await counted((breaker) => answersAndGoesOn$.pipe(take(1), withBreaker(breaker)));
// After it, the source has not completed when the first value takes the subscriber away.
const left = await counted((breaker) => answersAndGoesOn$.pipe(withBreaker(breaker), take(1)));
console.log(`take(1) before: ${ended}; after: ${left}`);
assert.deepEqual([ended, left], ['1 calls, 0 of them failed', '0 calls, 0 of them failed']);

// retry before the breaker is one call with several attempts; after it each attempt asks for a permit of its own.
let attempts = 0;
const down$ = defer(() => {
  attempts++;
  throw new Error('down');
});
const breaker = new CircuitBreaker({ clock, minimumNumberOfCalls: 3 });
let refusal: unknown;
down$.pipe(withBreaker(breaker), retry(9)).subscribe({ error: (error: unknown) => (refusal = error) });
assert.equal(attempts, 3);
assert.ok(refusal instanceof CallNotPermittedError);
console.log(`retry after: ${attempts} attempts, then the breaker said no`);
