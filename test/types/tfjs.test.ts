import { describe, expect, it, vi } from 'vitest';
import { mistakesIn } from './compiled.ts';

const head = `
import { layers, sequential, callbacks as tfCallbacks, CustomCallback, type LayersModel, type Logs } from '@tensorflow/tfjs-layers';
import type { Tensor } from '@tensorflow/tfjs-core';
import { evaluation, Trainer, type Outcome } from 'pitwall';
import { defineEvaluator } from 'pitwall/evaluator';
import { fitWith, loadWeights, pitwallCallbacks, readWeights, weightsOf, writeWeights, type Weights } from 'pitwall/tfjs';
declare const [xs, ys]: readonly [Tensor, Tensor];
const trainer = new Trainer<{ loss: number }>({ name: 'a', epochs: 2 });
const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
const evaluate = defineEvaluator(({ weights }: { weights: Weights }) => weights.length);
const module = new URL('file:///evaluate.js');
`;

// The first program has the library's sources read.
vi.setConfig({ testTimeout: 120_000 });

describe('pitwall/tfjs, for who writes TypeScript', () => {
  it('fits the types of tfjs', () => {
    const program = `${head}
export const callbacks = pitwallCallbacks(trainer, { checkpoint: (epoch) => \`\${epoch}.safetensors\` });
await model.fit(xs, ys, { epochs: trainer.epochs, initialEpoch: trainer.state.epoch, callbacks });
await model.fit(xs, ys, { callbacks: [callbacks] });
await model.fit(xs, ys, { callbacks: [tfCallbacks.earlyStopping(), callbacks, new CustomCallback({ onEpochEnd: (_: number, logs?: Logs) => void logs })] });
export const [outcome, failed]: Outcome[] = [await callbacks.outcome, await callbacks.end({ error: new Error() })];
export const { history, outcome: { status } } = await fitWith(trainer, (pitwall) => model.fit(xs, ys, { ...pitwall, batchSize: 32 }));
export const losses = history.history.loss;
const layersModel: LayersModel = model;
loadWeights(layersModel, weightsOf(model));
await writeWeights('a', weightsOf(layersModel));
loadWeights(model, await readWeights('a'));
trainer.register(evaluation<typeof evaluate>({ name: 'a', every: 1, module, input: () => ({ weights: weightsOf(model) }) }));
`;
    expect(mistakesIn(program)).toEqual([]);
  });

  it.each([
    ['pitwallCallbacks({});', /Argument of type '{}' is not assignable/],
    ['pitwallCallbacks(trainer, { checkpoints: () => "x" });', /'checkpoints' does not exist in type/],
    ['fitWith(trainer, model.fit(xs, ys));', /'Promise<History>' is not assignable/],
    ['loadWeights(model, [[1, 2]]);', /Type '\[number, number\]' is not assignable to type 'Weight'/],
    ['weightsOf(xs);', /'layers' is missing/],
  ])('says what is wrong: %s', (program, sentence) => {
    expect(mistakesIn(`${head}${program}`)[0]?.sentences.join(' ')).toMatch(sentence);
  });
});
