// Evaluates in a thread of the training's own process: quick to start, for code that you trust.
// In epoch 2 the evaluator hangs and the training blocks its loop at the same time: the limit is held all the same.
// Read evaluate.ts next.
import { Trainer, evaluation, threadExecutor } from 'pitwall';

const trainer = new Trainer({ name: 'in-a-thread', epochs: 3 });
const holdout = evaluation({
  name: 'holdout',
  every: 1,
  overlap: 'queue',
  executor: threadExecutor<{ epoch: number }, { accuracy: number }>(new URL('./evaluate.ts', import.meta.url), {
    concurrency: 1,
  }),
  input: ({ epoch }) => ({ epoch }),
  sla: { evaluationTimeMs: 10_000, itemTimeMs: 500 },
  breaker: false,
});
trainer.register(holdout);
trainer.register({
  name: 'printer',
  onEvaluationEnd: ({ epoch, status, violation }) => {
    console.log(`epoch ${epoch}: ${status}${violation === undefined ? '' : ` (${violation.rule})`}`);
  },
});

const { evaluations } = await trainer.fit(async (epoch) => {
  await epoch.step(() => {
    blockFor(200);
  });
});
console.log(`${evaluations.completed} completed, ${evaluations.violated} ended at its limit, in one process`);

/** A step as a native library makes it: nothing else on this thread runs meanwhile. */
function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
