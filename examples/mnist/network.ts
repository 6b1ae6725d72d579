import '@tensorflow/tfjs-backend-cpu';
import { argMax, enableProdMode, equal, sum, tidy, train, type Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import type { Digits } from './digits.ts';

enableProdMode(); // without its checks, and without its words about faster backends

/** A network of 32 and 10 neurons over the 784 pixels of an image, the same at each call. */
export function createNetwork(): Sequential {
  const seeded = (seed: number) => initializers.glorotUniform({ seed });
  const network = sequential({
    layers: [
      layers.dense({ units: 32, inputShape: [784], activation: 'relu', kernelInitializer: seeded(1) }),
      layers.dense({ units: 10, activation: 'softmax', kernelInitializer: seeded(2) }),
    ],
  });
  network.compile({ optimizer: train.adam(0.005), loss: 'categoricalCrossentropy' });
  return network;
}

/** How many of the digits it tells right. */
export function countRight(network: Sequential, { images, labels }: Digits): number {
  return tidy(() => {
    const guesses = argMax(network.predict(images) as Tensor, 1);
    return sum(equal(guesses, argMax(labels, 1))).dataSync()[0]!;
  });
}
