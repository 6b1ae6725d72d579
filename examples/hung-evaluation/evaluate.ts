// Hangs: its third batch never ends, and never lets the event loop of its process run.
import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(async (_: { readonly epoch: number }, { item }) => {
  await item('batch 1', () => score(1));
  await item('batch 2', () => score(2));
  await item('batch 3', spinForever);
  return { batches: 3 };
});

function score(batch: number): number {
  return 1 / batch;
}

function spinForever(): never {
  for (;;);
}
