// Runs in a process of its own: scores the model, which is a threshold, on points that the training has never seen.
import { defineEvaluator } from 'pitwall/evaluator';

const truth = 0.7;
const points = Array.from({ length: 1_000 }, (_, index) => (index + 0.5) / 1_000);

export default defineEvaluator(({ threshold }: { readonly threshold: number }, { item }) =>
  item('all points', () => {
    const right = points.filter((point) => point > threshold === point > truth);
    return { accuracy: right.length / points.length };
  }),
);
