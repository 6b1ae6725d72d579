// Does as it is told: spins for ever, answers after a while, or crashes at the first attempt.
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvaluator } from 'pitwall/evaluator';

export type Task =
  | { readonly kind: 'spin' }
  | { readonly kind: 'answer'; readonly checkpoint: number }
  | { readonly kind: 'crash-once'; readonly attempt: number };

export default defineEvaluator(async (task: Task) => {
  if (task.kind === 'spin') for (;;);
  if (task.kind === 'crash-once') {
    if (task.attempt === 1) process.abort();
    return `the answer of attempt ${task.attempt}`;
  }
  await wait(200);
  return `the answer of checkpoint ${task.checkpoint}`;
});
