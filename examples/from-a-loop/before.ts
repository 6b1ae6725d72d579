// A loop as it is written by hand: it evaluates in its midst, keeps the best weights, and gives up when they get no better.
// While it evaluates it does not train; an evaluation that hangs ends the night, and after a crash it begins anew.
import { mkdir, writeFile } from 'node:fs/promises';
import { accuracyOf, batchesOf, createWeights, trainOn } from '../first-run/network.ts';

const weights = createWeights(1);
const batches = batchesOf(200, 1);
const heldOut = batchesOf(20, 2);
let best = { accuracy: -Infinity, epoch: 0 };

await mkdir('best', { recursive: true });
for (let epoch = 1; epoch <= 1_000; epoch++) {
  for (const batch of batches) trainOn(weights, batch);
  if (epoch % 2 !== 0) continue;
  const accuracy = heldOut.reduce((sum, batch) => sum + accuracyOf(weights, batch), 0) / heldOut.length;
  if (accuracy > best.accuracy + 0.005) {
    best = { accuracy, epoch };
    await writeFile('best/weights.bin', weights);
  } else if (epoch - best.epoch >= 6) break;
}
console.log(`by hand: the best was epoch ${best.epoch}, with ${Math.round(best.accuracy * 100)}%`);
