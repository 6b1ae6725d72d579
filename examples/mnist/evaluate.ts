// Runs in a process of its own: builds the same network, gives it the weights that came, and scores it on held-out digits.
import { defineEvaluator } from 'pitwall/evaluator';
import { loadWeights, type Weights } from 'pitwall/tfjs';
import { digits } from './digits.ts';
import { countRight, createNetwork } from './network.ts';

const network = createNetwork();
const batches = Array.from({ length: 10 }, (_, index) => digits(600 + index * 10, 610 + index * 10));

export default defineEvaluator(async ({ weights }: { weights: Weights }, { item }) => {
  loadWeights(network, weights);
  let right = 0;
  for (const [index, batch] of batches.entries())
    right += await item(`batch ${index + 1}`, () => countRight(network, batch)); // each of them has a limit of its own
  return { accuracy: right / 1_000 };
});
