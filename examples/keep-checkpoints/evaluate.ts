// Runs in a process of its own: reads a checkpoint file, and scores the model on points that the training has never seen.
import { readFile } from 'node:fs/promises';
import { defineEvaluator } from 'pitwall/evaluator';

const truth = 0.7;
const points = Array.from({ length: 1_000 }, (_, index) => (index + 0.5) / 1_000);

export default defineEvaluator(async ({ path }: { readonly path: string }, { item }) => {
  const file = await readFile(path);
  const threshold = file.readDoubleLE(0);
  return item('all points', () => {
    const right = points.filter((point) => point > threshold === point > truth);
    return { accuracy: right.length / points.length };
  });
});
