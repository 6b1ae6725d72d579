// Trains a small network to tell the points of a ring from all others, and evaluates it beside the training.
// After every second epoch its weights are copied, and an evaluator in a process of its own scores the copy.
// Read evaluate.ts next, which is what runs in that process; network.ts is the network, without Pitwall.
import { Trainer, evaluation } from 'pitwall';
import { batchesOf, createWeights, trainOn } from './network.ts';

const weights = createWeights(1);
const trainer = new Trainer<{ loss: number }>({ name: 'ring', epochs: 8 });
const heldOut = evaluation<typeof import('./evaluate.ts').default>({
  name: 'held-out',
  every: 2, // epochs
  overlap: 'queue', // each request waits its turn with its own copy of the weights
  module: new URL('./evaluate.ts', import.meta.url),
  input: () => ({ weights }), // a live array: Pitwall copies it here, once
  sla: { itemTimeMs: 5_000, memoryMb: 500 },
});
trainer.register(heldOut);
heldOut.results$.subscribe(({ epoch, result }) => {
  console.log(`epoch ${epoch}: ${Math.round(result.accuracy * 100)}% of the held-out points are right`);
});

const batches = batchesOf(200, 1);
const { status, steps, evaluations } = await trainer.fit(async (epoch) => {
  let loss = 0;
  for (const batch of batches) loss = await epoch.step(() => trainOn(weights, batch));
  return { loss };
});
console.log(`${status}: ${steps} steps, ${evaluations.completed} of ${evaluations.requested} evaluations completed`);
