// Tests of what takes half an hour, in no time: a VirtualClock stands still until it is moved.
// A safeguard, a trigger and a breaker take their time from it, or from a TestScheduler in a marble test.
// The assertions are those of node:assert; in your tests they stand in any test runner.
import assert from 'node:assert/strict';
import { NEVER } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  CircuitBreaker,
  evaluation,
  guard,
  maxTime,
  schedulerOf,
  sustained,
  Trainer,
  type EvaluationError,
} from 'pitwall';
import { VirtualClock } from 'pitwall/testing';

// A breaker opens after two failures, and tries again after its wait.
const clock = new VirtualClock();
const breaker = new CircuitBreaker({ clock, minimumNumberOfCalls: 2, waitDurationInOpenStateMs: 1_800_000 });
breaker.tryAcquire()?.failure(new Error('hung'));
breaker.tryAcquire()?.failure(new Error('hung'));
assert.equal(breaker.state, 'open');
await clock.advance(1_800_000);
assert.ok(breaker.tryAcquire());
assert.equal(breaker.state, 'half-open');
console.log('the breaker tried again after 30 virtual minutes');

// An evaluation that never answers is ended at its limit, and not a millisecond before.
const errors: EvaluationError[] = [];
NEVER.pipe(guard([maxTime(60_000)], { scheduler: schedulerOf(clock) })).subscribe({
  error: (error: unknown) => errors.push(error as EvaluationError),
});
await clock.advance(59_999);
assert.equal(errors.length, 0);
await clock.advance(1);
assert.equal(errors[0]?.violation?.rule, 'evaluationTimeMs');
console.log(`the guard said: ${errors[0].message}`);

// A whole run: the executor is a function from a job to an Observable, so no process is needed.
const trainer = new Trainer({ name: 'virtual', epochs: 1, journal: false, clock });
const sla = { evaluationTimeMs: 600_000 };
trainer.register(evaluation({ name: 'endless', every: 1, executor: () => NEVER, sla }));
const running = trainer.fit(async (epoch) => {
  await epoch.step(() => undefined);
});
await clock.advance(600_000);
const { status, evaluations } = await running;
assert.equal(evaluations.violated, 1);
console.log(`the run: ${status}, after 10 virtual minutes`);

// A marble test: the condition must hold for 4 frames, and is told once.
const scheduler = new TestScheduler((actual, expected) => {
  assert.deepEqual(actual, expected);
});
scheduler.run(({ cold, expectObservable }) => {
  const samples$ = cold('         -y-y-y-y-n-y-y-|');
  const busy$ = samples$.pipe(sustained((sample) => sample === 'y', { forMs: 4, scheduler }));
  expectObservable(busy$).toBe('-----y---------|');
});
console.log('the marbles agree');
