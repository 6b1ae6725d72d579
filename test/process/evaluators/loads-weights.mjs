// Rebuilds the small model of test/adapters in its own process, and tells what it predicts with the weights that came.
import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode, memory, tensor2d } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { loadWeights } from 'pitwall/tfjs';

export default async ({ weights, points }) => {
  enableProdMode();
  sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] }); // so that the names count differently
  const model = sequential({
    layers: [layers.dense({ units: 3, inputShape: [2], activation: 'tanh' }), layers.dense({ units: 1 })],
  });
  const before = memory().numTensors;
  loadWeights(model, weights);
  const leaked = memory().numTensors - before;
  const prediction = model.predict(tensor2d(points, [points.length / 2, 2])).dataSync();
  return { prediction, leaked, names: model.weights.map(({ name }) => name) };
};
