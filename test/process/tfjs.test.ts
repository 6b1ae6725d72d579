import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fitWith, weightsOf, type Weights } from '../../src/adapters/tfjs.ts';
import { evaluation, Trainer } from '../../src/index.ts';
import { points, smallModel } from '../adapters/small-model.ts';
import { evaluator } from './evaluators/index.ts';
import { named } from './recorded-run.ts';

type Predict = (input: { readonly weights: Weights; readonly points: Float32Array }) => {
  readonly prediction: Float32Array;
  readonly leaked: number;
  readonly names: readonly string[];
};

describe('an evaluation of a model of TensorFlow.js', () => {
  it('predicts in its own process what the model of its epoch did, beside the training', async () => {
    const { xs, ys } = points();
    const model = smallModel();
    const predicted: (readonly number[])[] = [];
    const trainer = new Trainer({ name: 'tfjs', epochs: 2, journal: false });
    const predictions = evaluation<Predict>({
      name: named('predictions'),
      every: 1,
      overlap: 'queue',
      module: evaluator('loads-weights'),
      input: () => {
        predicted.push([...(model.predict(xs) as Tensor).dataSync()]);
        return { weights: weightsOf(model), points: xs.dataSync() as Float32Array };
      },
      sla: { startTimeMs: 60_000, evaluationTimeMs: 60_000 },
    });
    trainer.register(predictions);
    const results: ReturnType<Predict>[] = [];
    predictions.results$.subscribe(({ result }) => results.push(result));

    const { outcome } = await fitWith(trainer, (pitwall) => model.fit(xs, ys, { ...pitwall, batchSize: 2 }));

    expect(outcome).toMatchObject({ status: 'completed', evaluations: { requested: 2, completed: 2 } });
    expect(results.map(({ prediction }) => [...prediction])).toEqual(predicted);
    expect(predicted[0]).not.toEqual(predicted[1]);
    expect(results.map(({ leaked }) => leaked)).toEqual([0, 0]);
    expect(results[0]?.names).not.toEqual(model.weights.map(({ name }) => name));
  });
});
