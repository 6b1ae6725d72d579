// Takes its time in epoch 1, is quick in epoch 2, and waits for something that never comes in epoch 3.
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(async ({ epoch }: { readonly epoch: number }, { item }) => {
  const batchMs = epoch === 1 ? 300 : 50;
  for (let batch = 1; batch <= 5; batch++) {
    await item(`batch ${batch}`, () => wait(epoch === 3 && batch === 3 ? 60_000 : batchMs));
  }
  return { batches: 5 };
});
