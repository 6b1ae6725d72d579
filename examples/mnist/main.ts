// TensorFlow.js trains a network to tell handwritten digits; after each epoch a process of its own scores the weights.
// The training ends when two scores in a row are no better, and the weights of the best epoch are read from their file.
// Read evaluate.ts next, which scores them; network.ts and digits.ts are without Pitwall.
import { join } from 'node:path';
import { bestCheckpoint, earlyStopping, evaluation, processExecutor, Trainer } from 'pitwall';
import { fitWith, loadWeights, readWeights, weightsOf, type Weights } from 'pitwall/tfjs';
import { digits } from './digits.ts';
import { countRight, createNetwork } from './network.ts';

const network = createNetwork();
const trainer = new Trainer({ name: 'mnist', epochs: 30, drain: 'cancel' });
const checkpoint = (epoch: number) => join('.pitwall', trainer.runId, `epoch-${epoch}.safetensors`);

const heldOut = evaluation({
  name: 'held-out',
  every: 1, // epoch
  overlap: 'queue', // each epoch waits its turn with its own copy of the weights
  executor: processExecutor<{ weights: Weights }, { accuracy: number }>(new URL('./evaluate.ts', import.meta.url), {
    warm: true, // TensorFlow.js and the digits are loaded once
  }),
  input: () => ({ weights: weightsOf(network) }),
  sla: { startTimeMs: 60_000, itemTimeMs: 10_000 },
});
trainer.register(heldOut);
trainer.register(earlyStopping({ on: heldOut, metric: 'accuracy', patience: 2 }));

const best = bestCheckpoint({ path: join('.pitwall', trainer.runId, 'best'), on: heldOut, metric: 'accuracy' });
trainer.register(best);
heldOut.results$.subscribe(({ epoch, result: { accuracy } }) => {
  console.log(`epoch ${epoch}: ${(accuracy * 100).toFixed(1)}% of the held-out digits are right`);
});

const { images, labels } = digits(0, 300);
const { outcome } = await fitWith(
  trainer,
  (pitwall) => network.fit(images, labels, { ...pitwall, batchSize: 32, shuffle: false }),
  { checkpoint },
);
console.log(`${outcome.status}: ${outcome.reason ?? 'all epochs are done'}`);

const { epoch, path } = best.best!;
loadWeights(network, await readWeights(path));
const right = countRight(network, digits(700, 800));
console.log(`epoch ${epoch} was the best: of 1000 digits that nobody has seen ${right} are right`);
