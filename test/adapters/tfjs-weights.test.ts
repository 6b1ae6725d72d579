import { memory, tensor2d, type Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { loadWeights, weightsOf, type Weights } from '../../src/adapters/tfjs.ts';
import { points, smallModel } from './small-model.ts';

const { xs, ys } = points();

/** A layer whose weights are of the other types. */
class Table extends layers.Layer {
  static className = 'Table';

  override build(): void {
    this.addWeight('ids', [1, 2], 'int32', initializers.zeros());
    this.addWeight('mask', [1, 2], 'bool', initializers.zeros());
    this.built = true;
  }
}

function predictionOf(model: Sequential): readonly number[] {
  const prediction = model.predict(xs) as Tensor;
  const values = [...prediction.dataSync()];
  prediction.dispose();
  return values;
}

async function trained(): Promise<Sequential> {
  const model = smallModel();
  await model.fit(xs, ys, { epochs: 2, shuffle: false });
  return model;
}

describe('weightsOf', () => {
  it('gives names, shapes and plain arrays, in the order of the layers', () => {
    expect(
      weightsOf(smallModel()).map(({ name, shape, values }) => [name.split('/')[1], shape, values.length]),
    ).toEqual([
      ['kernel', [2, 3], 6],
      ['bias', [3], 3],
      ['kernel', [3, 1], 3],
      ['bias', [1], 1],
    ]);
    expect(weightsOf(smallModel()).every(({ values }) => values instanceof Float32Array)).toBe(true);
  });

  it('gives what a later step does not change', async () => {
    const model = await trained();
    const weights = weightsOf(model);
    const copy = structuredClone(weights);

    await model.fit(xs, ys);

    expect(weights).toEqual(copy);
    expect(weightsOf(model)).not.toEqual(copy);
  });

  it('leaves nothing behind', async () => {
    const model = await trained();
    const before = memory().numTensors;
    weightsOf(model);
    expect(memory().numTensors).toBe(before);
  });
});

describe('loadWeights', () => {
  it('makes another model of the same architecture the same, and leaves nothing behind', async () => {
    const from = await trained();
    const into = smallModel();
    expect(predictionOf(into)).not.toEqual(predictionOf(from));
    const before = memory().numTensors;

    loadWeights(into, structuredClone(weightsOf(from)));

    expect(memory().numTensors).toBe(before);
    expect(predictionOf(into)).toEqual(predictionOf(from));
    expect(from.weights[0]?.name).not.toBe(into.weights[0]?.name);
  });

  it('copies: what is done to the arrays later changes no model', async () => {
    const model = await trained();
    const before = predictionOf(model);
    const weights = structuredClone(weightsOf(model));
    loadWeights(model, weights);

    weights[0]?.values.fill(7);

    expect(predictionOf(model)).toEqual(before);
  });

  it('matches layers that are frozen in one of the two, and models within models', () => {
    const nested = (trainable: boolean) =>
      sequential({ layers: [smallModel({ trainable }), layers.batchNormalization(), layers.dense({ units: 1 })] });
    const from = nested(true);
    const into = nested(false);
    expect(from.weights.map(({ shape }) => shape)).not.toEqual(into.weights.map(({ shape }) => shape));

    loadWeights(into, weightsOf(from));

    expect(weightsOf(into).map(({ values }) => values)).toEqual(weightsOf(from).map(({ values }) => values));
    expect(weightsOf(into)).toHaveLength(10);
  });

  it.each<[string, (weights: Weights) => unknown, string | RegExp]>([
    [
      'another shape',
      () => weightsOf(smallModel({ hidden: 4 })),
      /^The weights do not fit: number 1 of 4 is "dense_Dense\d+\/kernel", float32 of shape \[2, 3\], but "dense_Dense\d+\/kernel", float32 of shape \[2, 4\] came instead: build a model of the same architecture\.$/,
    ],
    [
      'fewer',
      (weights) => weights.slice(1),
      'The weights do not fit: the model has 4 weights, but 3 came: build a model of the same architecture.',
    ],
    ['another order', ([kernel, bias, ...rest]) => [bias, kernel, ...rest], /number 1 of 4 .* but ".*\/bias"/],
    [
      'another part of the layer',
      ([kernel, ...rest]) => [{ ...kernel, name: 'a/recurrent_kernel' }, ...rest],
      /number 1 of 4 is ".*\/kernel", .* but "a\/recurrent_kernel"/,
    ],
    [
      'another type',
      ([kernel, ...rest]) => [{ ...kernel, values: new Int32Array(6) }, ...rest],
      /float32 of shape \[2, 3\], but ".*", int32 of shape \[2, 3\] came/,
    ],
    ['too few values', ([kernel, ...rest]) => [{ ...kernel, values: new Float32Array(5) }, ...rest], /an object came/],
    ['numbers', ([, ...rest]) => [[1, 2], ...rest], /but an array of 2 came instead/],
    ['no list', () => ({}), 'loadWeights(model, weights) must get what weightsOf(model) gives, but an object came.'],
  ])('refuses %s in one sentence, and leaves the model as it was', (_, wrong, sentence) => {
    const model = smallModel();
    const before = { prediction: predictionOf(model), numTensors: memory().numTensors };

    expect(() => {
      loadWeights(model, wrong(structuredClone(weightsOf(model))) as Weights);
    }).toThrow(sentence);

    expect(predictionOf(model)).toEqual(before.prediction);
  });

  it('leaves nothing behind when it refuses', () => {
    const [model, other] = [smallModel(), smallModel({ hidden: 4 })];
    const before = memory().numTensors;
    expect(() => {
      loadWeights(model, weightsOf(other));
    }).toThrow();
    expect(memory().numTensors).toBe(before);
  });

  it('takes whole numbers and truth values', () => {
    const [from, into] = [model(), model()];
    from.layers[0]?.setWeights([tensor2d([[1, -2]], [1, 2], 'int32'), tensor2d([[1, 0]], [1, 2], 'bool')]);

    loadWeights(into, weightsOf(from));

    expect(weightsOf(into).map(({ values }) => values)).toEqual([Int32Array.of(1, -2), Uint8Array.of(1, 0)]);

    function model(): Sequential {
      const table = new Table({ inputShape: [2] });
      table.build();
      return sequential({ layers: [table] });
    }
  });
});
