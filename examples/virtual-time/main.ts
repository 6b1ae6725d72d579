// Tests of what takes half an hour, in no time: a VirtualClock stands still until it is moved.
// A breaker, a guard and a whole run take their time from it; marbles.ts has the tests that are drawn.
// The assertions are those of node:assert; in your tests they stand in any test runner.
import assert from 'node:assert/strict';
import { NEVER } from 'rxjs';
import { CircuitBreaker, evaluation, guard, maxMemory, maxTime, schedulerOf, type EvaluationError } from 'pitwall';
import { fakeExecutor, fakeTrainer, replayed, VirtualClock } from 'pitwall/testing';

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

// A whole run is a script: a real Trainer with its callbacks, and an executor that does as it is told.
const training = fakeTrainer([{ metrics: { loss: 1 } }, { steps: 60, stepMs: 60_000, metrics: { loss: 0.5 } }]);
const executor = fakeExecutor<number>(
  ({ input }) => (input === 1 ? [{ atMs: 500, result: { winRate: 0.6 } }] : [{ atMs: 100, sample: 300 }]), // hangs
  { clock: training.clock },
);
const sla = { evaluationTimeMs: 600_000 };
training.register(evaluation({ name: 'games', every: 1, executor, input: ({ epoch }) => epoch, sla }));
const { outcome, events } = await training.run();
assert.deepEqual([outcome.status, outcome.evaluations.completed, outcome.evaluations.violated], ['completed', 1, 1]);
const ended = events.findLast((event) => event.type === 'evaluation:end');
assert.equal(ended?.violation?.rule, 'evaluationTimeMs');
assert.equal(executor.executions[1]?.status, 'aborted');
assert.equal(training.clock.pendingTimers, 0);
console.log(`the run: ${outcome.status}, after ${Math.round(training.clock.now() / 60_000)} virtual minutes`);

// A record is judged again: what would a limit of 250 MB have ended? Of a run on disk, give `await readJournal(runFolder)`.
const recorded = replayed(events);
const [violation] = recorded.violationsBy(maxMemory(250));
assert.deepEqual([violation?.rule, violation?.observed], ['memoryMb', 300]);

await import('./marbles.ts');
