// Runs in a process of its own. A drill never loads it: it puts evaluators that misbehave in its place.
import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(async ({ weights }: { weights: Float32Array }, { item }) => {
  let sum = 0;
  for (let batch = 1; batch <= 20; batch++) sum += await item(`batch ${batch}`, () => weights[batch] ?? 0);
  return { mean: sum / 20 };
});
