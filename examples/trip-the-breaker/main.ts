// Three evaluations that fail, each in its own way, and a breaker that counts two of them.
// The run is a script in virtual time: real trainer, real breaker, and an executor that does as it is told.
import assert from 'node:assert/strict';
import { CircuitBreaker, countsAgainstBreaker, evaluation, type EvaluationError } from 'pitwall';
import { fakeExecutor, fakeTrainer } from 'pitwall/testing';

const training = fakeTrainer(Array.from({ length: 6 }, () => ({ steps: 10, stepMs: 1_000 })));

/** What the evaluation of each epoch does; nothing means that it hangs. */
const scripts = [
  [{ atMs: 100, crash: 'the licence server is down' }], // epoch 1: not the evaluator's fault
  [{ atMs: 100, crash: 'segmentation fault' }], // epoch 2
  [], // epoch 3: hangs, and is ended by its SLA
];
const executor = fakeExecutor<number>(({ input: epoch }) => scripts[epoch - 1] ?? [], { clock: training.clock });

const ofOthers = (error: unknown): boolean => (error as EvaluationError).message.includes('licence server');
const breaker = new CircuitBreaker({
  name: 'games',
  clock: training.clock,
  minimumNumberOfCalls: 2,
  recordFailure: (error) => countsAgainstBreaker(error) && !ofOthers(error), // the default, and one exception
});
breaker.transitions$.subscribe(({ from, to, reason }) => {
  console.log(`  the breaker: ${from} to ${to}, ${reason}`);
});

training.register(
  evaluation({
    name: 'games',
    every: 1,
    executor,
    input: ({ epoch }) => epoch,
    sla: { evaluationTimeMs: 5_000 },
    breaker,
  }),
);
training.register({
  name: 'printer',
  onEvaluationEnd: ({ epoch, status, error }) => {
    const { failedCalls, bufferedCalls } = breaker.metrics;
    console.log(
      `epoch ${epoch}: ${status}${error === undefined ? '' : ` (${error.code})`}; counted: ${failedCalls} of ${bufferedCalls} failed`,
    );
  },
});

const { outcome } = await training.run();
const { failed, violated, skipped } = outcome.evaluations;
assert.equal(breaker.state, 'open');
console.log(`${failed} failed, ${violated} violated, ${skipped} skipped while the breaker was open`);
