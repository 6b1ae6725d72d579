// The loop of before.ts, with Pitwall: it evaluates beside the training, under limits, and can go on after a crash.
// Read before.ts first, and compare: the steps and the metrics stay yours, the rest are callbacks.
import { bestCheckpoint, checkpoint, earlyStopping, evaluation, Trainer } from 'pitwall';
import { batchesOf, createWeights, trainOn } from '../first-run/network.ts';

const weights = createWeights(1);
const batches = batchesOf(200, 1);

const trainer = new Trainer<{ loss: number }>({ name: 'ring', epochs: 1_000, drain: 'cancel' });
const heldOut = evaluation<typeof import('../first-run/evaluate.ts').default>({
  name: 'held-out',
  every: 2,
  overlap: 'queue', // as by hand: each second epoch is evaluated
  module: new URL('../first-run/evaluate.ts', import.meta.url),
  input: () => ({ weights }),
});
const best = bestCheckpoint({ on: heldOut, metric: 'accuracy', minDelta: 0.005, path: 'best' });
trainer.register(heldOut);
trainer.register(checkpoint({ path: 'checkpoints', every: 2, keep: 3, save: () => weights }));
trainer.register(earlyStopping({ on: heldOut, metric: 'accuracy', minDelta: 0.005, patience: 3 }));
trainer.register(best);

const { status } = await trainer.fit(async (epoch) => {
  let loss = 0;
  for (const batch of batches) loss = await epoch.step(() => trainOn(weights, batch));
  return { loss };
});
const { epoch = 0, value = 0 } = best.best ?? {};
console.log(`${status}: the best was epoch ${epoch}, with ${Math.round(value * 100)}%`);
