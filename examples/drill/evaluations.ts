// The evaluations of a training, in a module of their own: the training registers them, and `pitwall drill` breaks their limits.
import { evaluation, inlineExecutor, noProgressFor } from 'pitwall';

export const weights = new Float32Array(1_000);

export const heldOut = evaluation<typeof import('./evaluate.ts').default>({
  name: 'held-out',
  every: 2,
  module: new URL('./evaluate.ts', import.meta.url),
  input: () => ({ weights }),
  sla: { itemTimeMs: 10_000, memoryMb: 300, cpuPercent: { limit: 50, sustainMs: 0 } },
  safeguards: [noProgressFor(1_000, { action: 'warn' })],
});

export const served = evaluation<{ epoch: number }, { epoch: number }>({
  name: 'served',
  every: 1,
  executor: inlineExecutor(({ epoch }) => ({ epoch })),
  sla: { evaluationTimeMs: 1_000 },
  breaker: { minimumNumberOfCalls: 2 },
});
