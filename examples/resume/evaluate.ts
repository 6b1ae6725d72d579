// The evaluator of the example: how far the line is from the truth, at points that the training has not seen.
import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(async ({ slope, offset }: { slope: number; offset: number }, { item }) => {
  const errorAt = (x: number): number => Math.abs(slope * x + offset - (3 * x - 1));
  return { error: await item('held-out points', () => (errorAt(-0.7) + errorAt(0.3)) / 2) };
});
