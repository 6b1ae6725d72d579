// Runs in a thread: scores three batches, and hangs in epoch 2.
import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(async ({ epoch }: { epoch: number }, { item }) => {
  let sum = 0;
  for (let batch = 1; batch <= 3; batch++) sum += await item(`batch ${batch}`, () => score(epoch));
  return { accuracy: sum / 3 };
});

function score(epoch: number): number {
  while (epoch === 2); // a mistake that no await lets anybody notice
  return 0.5 + epoch / 10;
}
