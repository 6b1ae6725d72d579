// Evaluations without a limit, with long names: what is told of them is more than a pipe holds. It prints, as a module may.
import { evaluation, inlineExecutor } from 'pitwall';

console.log('loading the weights');
setInterval(() => {
  if (process.stdout.writableLength > 0) console.error('stdout waits');
}, 50);

const executor = inlineExecutor(() => 'is never called');

export const many = Array.from({ length: Number(process.env.PITWALL_TEST_COUNT) }, (_, index) =>
  evaluation({ name: `${index} ${'x'.repeat(2_000)}`, every: 1, executor, sla: false, breaker: false }),
);
