import { defineEvaluator } from 'pitwall/evaluator';

export default defineEvaluator(({ factor }: { readonly factor: number }) => ({
  doubled: [1, 2, 3].map((x) => x * factor),
}));
