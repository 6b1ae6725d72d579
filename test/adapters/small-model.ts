import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';

enableProdMode(); // without the words about faster backends

/** A network of `hidden` and 1 neurons over 2 inputs, the same each time. */
export function smallModel({ hidden = 3, trainable = true } = {}): Sequential {
  const kernelInitializer = initializers.glorotUniform({ seed: 1 });
  const model = sequential({
    layers: [
      layers.dense({ units: hidden, inputShape: [2], activation: 'tanh', kernelInitializer, trainable }),
      layers.dense({ units: 1, kernelInitializer }),
    ],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

/** Eight points whose label is their sum: at 2 a batch four batches an epoch. */
export function points(): { readonly xs: Tensor; readonly ys: Tensor } {
  const xs = Array.from({ length: 8 }, (_, index) => [index / 8, (index % 3) / 3] as [number, number]);
  return { xs: tensor2d(xs), ys: tensor2d(xs.map(([a, b]) => [a + b])) };
}

type Dataset = Parameters<Sequential['fitDataset']>[0];

/** A data set of four batches. Its length is told only where it is given; in the place of batch `failsAt`, from 0, it fails. */
export function batches({ size, failsAt }: { readonly size?: number; readonly failsAt?: number } = {}): Dataset {
  const next = (count: number): Promise<IteratorResult<object, null>> => {
    if (count === failsAt) return Promise.reject(new Error('no such batch'));
    if (count === 4) return Promise.resolve({ value: null, done: true });
    const [xs, ys] = [tensor2d([count, 0.5, 0.1, count], [2, 2]), tensor2d([count + 0.5, count + 0.1], [2, 1])];
    return Promise.resolve({ value: { xs, ys }, done: false });
  };
  const iterator = () => {
    let count = 0;
    return Promise.resolve({ next: () => next(count++) });
  };
  return { size, iterator } as unknown as Dataset;
}
