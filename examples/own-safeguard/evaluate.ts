// Well in epoch 1; holds 200 MB more for a while in epoch 2; tells no more progress in epoch 3.
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(async ({ epoch }: { readonly epoch: number }, { item, progress }) => {
  const held = epoch === 2 ? new Uint8Array(200 * 2 ** 20).fill(1) : new Uint8Array(1);
  for (let batch = 1; batch <= 5; batch++) {
    await item(`batch ${batch}`, () => wait(epoch === 3 && batch === 3 ? 60_000 : 200));
    progress(batch, 5);
  }
  return { batches: 5, held: held.length };
});
