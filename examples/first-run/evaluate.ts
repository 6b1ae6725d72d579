// Runs in a process of its own: scores a copy of the weights on points that the training has never seen.
import { defineEvaluator } from 'pitwall/evaluator';
import { accuracyOf, batchesOf } from './network.ts';

export default defineEvaluator(async ({ weights }: { weights: Float32Array }, { item }) => {
  let sum = 0;
  for (const batch of batchesOf(20, 2)) sum += await item('a batch', () => accuracyOf(weights, batch));
  return { accuracy: sum / 20 };
});
