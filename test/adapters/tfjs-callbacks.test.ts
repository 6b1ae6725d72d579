import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { callbacks as tfCallbacks, CustomCallback } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { pitwallCallbacks, readWeights, type PitwallCallbacks, weightsOf } from '../../src/adapters/tfjs.ts';
import type { Trainer } from '../../src/trainer/index.ts';
import { testRun } from '../trainer/test-run.ts';
import { batches, points, smallModel } from './small-model.ts';

const { xs, ys } = points();
const byTwo = { batchSize: 2 };

function stopAtStep(trainer: Trainer, atStep: number): void {
  trainer.register({
    name: 'stopper',
    onStep: ({ step }) => {
      if (step === atStep) trainer.stop('enough');
    },
  });
}

describe('a training by model.fit', () => {
  it('is told as a run: its epochs from 1, its batches as steps, its logs as metrics', async () => {
    const { trainer, of, types } = testRun({ epochs: 2 });
    const callbacks = pitwallCallbacks(trainer);

    const { history } = await smallModel().fit(xs, ys, { ...byTwo, epochs: 2, validationSplit: 0.25, callbacks });

    expect(await callbacks.outcome).toMatchObject({ status: 'completed', epochs: 2, steps: 6 });
    const epoch = ['epoch:start', 'step', 'step', 'step', 'epoch:end'];
    expect(types().filter((type) => type !== 'step:summary')).toEqual([
      'run:start',
      ...epoch,
      ...epoch,
      'training:end',
      'run:end',
    ]);
    expect(of('epoch:end').map(({ metrics, interrupted }) => ({ metrics, interrupted }))).toEqual(
      [0, 1].map((index) => ({
        metrics: { loss: history.loss?.[index], val_loss: history.val_loss?.[index] },
        interrupted: undefined,
      })),
    );
    expect(of('epoch:end')[0]?.metrics.loss).toBeTypeOf('number');
    expect(of('step').map(({ epoch, step }) => [epoch, step])).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => [n > 3 ? 2 : 1, n]),
    );
    for (const { durationMs, metrics } of of('step')) {
      expect(durationMs).toBeGreaterThan(0);
      expect(metrics).toEqual({ loss: expect.any(Number) as number });
    }
  });

  it('leaves no tensors behind, and its model as fit alone would', async () => {
    const alone = smallModel();
    const told = smallModel();
    const fit = { ...byTwo, epochs: 3, shuffle: false };
    await alone.fit(xs, ys, fit);
    const before = memory().numTensors;

    await told.fit(xs, ys, { ...fit, callbacks: pitwallCallbacks(testRun().trainer) });

    expect(memory().numTensors).toBe(before);
    expect(weightsOf(told).map(({ values }) => values)).toEqual(weightsOf(alone).map(({ values }) => values));
  });

  it('is told the same by fitDataset', async () => {
    const { trainer, of } = testRun({ epochs: 2 });
    const callbacks = pitwallCallbacks(trainer);

    await smallModel().fitDataset(batches(), { epochs: 2, callbacks });

    expect(await callbacks.outcome).toMatchObject({ status: 'completed', epochs: 2, steps: 8 });
    expect(of('epoch:end').map(({ metrics }) => Object.keys(metrics))).toEqual([['loss'], ['loss']]);
  });

  it('gives the event loop its turn between batches', async () => {
    const { trainer, clock, of } = testRun();
    trainer.register({
      name: 'slow',
      onStep: () => {
        clock.work(10);
      },
    });
    const callbacks = pitwallCallbacks(trainer);
    const stepsAtItsTurn = new Promise<number>((resolve) => {
      setImmediate(() => {
        resolve(of('step').length);
      });
    });

    await smallModel().fit(xs, ys, { ...byTwo, epochs: 1, callbacks });

    expect(of('step')).toHaveLength(4);
    expect(await stepsAtItsTurn).toBe(1);
  });

  it('is refused where fit begins with another epoch than the run', async () => {
    const { trainer, of } = testRun({ epochs: 3 });
    const callbacks = pitwallCallbacks(trainer);

    await expect(smallModel().fit(xs, ys, { ...byTwo, epochs: 3, initialEpoch: 1, callbacks })).rejects.toThrow(
      'fit was to go on with its epoch 0, counted from 0, but began epoch 1: give it `initialEpoch: trainer.state.epoch`.',
    );

    expect(await callbacks.end()).toMatchObject({ status: 'completed', epochs: 0 });
    expect(of('epoch:start')).toEqual([]);
  });
});

describe('a stop', () => {
  it('in an epoch ends fit after the present batch, and interrupts the epoch', async () => {
    const { trainer, of } = testRun({ epochs: 5 });
    stopAtStep(trainer, 6);
    const callbacks = pitwallCallbacks(trainer);

    const history = await smallModel().fit(xs, ys, { ...byTwo, epochs: 5, callbacks });

    expect(await callbacks.outcome).toMatchObject({ status: 'stopped', reason: 'enough', epochs: 1, steps: 6 });
    expect(history.epoch).toEqual([0, 1]);
    expect(of('epoch:end').map(({ epoch, interrupted }) => [epoch, interrupted])).toEqual([
      [1, undefined],
      [2, true],
    ]);
  });

  it.each([
    ['fit', (callbacks: PitwallCallbacks) => smallModel().fit(xs, ys, { ...byTwo, epochs: 5, callbacks })],
    [
      'fitDataset of a known length',
      (callbacks: PitwallCallbacks) => smallModel().fitDataset(batches({ size: 4 }), { epochs: 5, callbacks }),
    ],
  ])('in the last batch of an epoch leaves it whole: %s', async (_, fit) => {
    const { trainer, of } = testRun({ epochs: 5 });
    stopAtStep(trainer, 4);
    const callbacks = pitwallCallbacks(trainer);

    await fit(callbacks);

    expect(await callbacks.outcome).toMatchObject({ status: 'stopped', epochs: 1, steps: 4 });
    expect(of('epoch:end')).toMatchObject([{ epoch: 1, metrics: { loss: expect.any(Number) as number } }]);
    expect(of('epoch:end')[0]).not.toHaveProperty('interrupted');
  });

  it('in a data set of unknown length interrupts the epoch', async () => {
    const { trainer, of } = testRun({ epochs: 5 });
    stopAtStep(trainer, 2);
    const callbacks = pitwallCallbacks(trainer);

    await smallModel().fitDataset(batches(), { epochs: 5, callbacks });

    expect(await callbacks.outcome).toMatchObject({ status: 'stopped', epochs: 0, steps: 2 });
    expect(of('epoch:end')).toMatchObject([{ epoch: 1, interrupted: true }]);
  });

  it('of a callback at the end of an epoch lets no other begin', async () => {
    const { trainer, of } = testRun({ epochs: 5 });
    trainer.register({
      name: 'stopper',
      onEpochEnd: ({ epoch }) => {
        if (epoch === 2) trainer.stop('flat');
      },
    });
    const callbacks = pitwallCallbacks(trainer);

    const { epoch } = await smallModel().fit(xs, ys, { ...byTwo, epochs: 5, callbacks });

    expect(await callbacks.outcome).toMatchObject({ status: 'stopped', reason: 'flat', epochs: 2, steps: 8 });
    expect(epoch).toEqual([0, 1]);
    expect(of('epoch:start')).toHaveLength(2);
  });

  it('before the first epoch tells none', async () => {
    const { trainer, of } = testRun({ epochs: 5 });
    trainer.stop('not today');
    const callbacks = pitwallCallbacks(trainer);

    const { epoch } = await smallModel().fit(xs, ys, { ...byTwo, epochs: 5, callbacks });

    expect(await callbacks.outcome).toMatchObject({ status: 'stopped', reason: 'not today', epochs: 0, steps: 0 });
    expect(epoch).toEqual([0]);
    expect(of('epoch:start')).toEqual([]);
  });

  it('of tfjs itself is the end of fit, and not one of Pitwall', async () => {
    const { trainer, of } = testRun({ epochs: 9 });
    const callbacks = pitwallCallbacks(trainer);
    const early = tfCallbacks.earlyStopping({ monitor: 'loss', minDelta: 1e9 });

    await smallModel().fitDataset(batches(), { epochs: 9, callbacks: [early, callbacks] });

    expect(await callbacks.outcome).toMatchObject({ status: 'completed', epochs: 2 });
    expect(of('epoch:end').map(({ interrupted }) => interrupted)).toEqual([undefined, undefined]);
  });
});

describe('the end', () => {
  it('of the run is not waited for by fit', async () => {
    const { trainer, types } = testRun();
    let release = (): void => undefined;
    trainer.register({
      name: 'slow at the end',
      onRunEnd: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    });
    const callbacks = pitwallCallbacks(trainer);

    await smallModel().fit(xs, ys, { ...byTwo, epochs: 1, callbacks });

    expect(types()).toContain('training:end');
    release();
    expect(await callbacks.outcome).toMatchObject({ status: 'completed' });
  });

  it('can be told where fit rejects', async () => {
    const { trainer, of } = testRun();
    const callbacks = pitwallCallbacks(trainer);
    const boom = new Error('boom');
    const broken = new CustomCallback({ onBatchEnd: () => Promise.reject(boom) });

    await expect(smallModel().fit(xs, ys, { ...byTwo, callbacks: [callbacks, broken] })).rejects.toBe(boom);

    expect(await callbacks.end({ error: boom })).toMatchObject({ status: 'failed', error: boom, epochs: 0, steps: 1 });
    expect(await callbacks.outcome).toMatchObject({ status: 'failed' });
    expect(of('epoch:end')).toMatchObject([{ epoch: 1, interrupted: true }]);
  });

  it('of one run is not the beginning of another', async () => {
    const callbacks = pitwallCallbacks(testRun().trainer);
    const model = smallModel();
    await model.fit(xs, ys, { ...byTwo, callbacks });
    await callbacks.outcome;

    await expect(model.fit(xs, ys, { ...byTwo, initialEpoch: 1, epochs: 2, callbacks })).rejects.toMatchObject({
      code: 'RUN_ENDED',
    });
  });
});

describe('a checkpoint', () => {
  it('is saved where the function says, and told with the end of its epoch', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'checkpoints');
    const { trainer, of } = testRun({ epochs: 4 });
    const pathOf = (epoch: number): string => join(folder, `epoch-${epoch}.safetensors`);
    const callbacks = pitwallCallbacks(trainer, {
      checkpoint: (epoch) => (epoch % 2 === 0 ? pathOf(epoch) : undefined),
    });
    const model = smallModel();

    await model.fit(xs, ys, { ...byTwo, epochs: 4, callbacks });
    await callbacks.outcome;

    expect(of('epoch:end').map(({ checkpoint, step }) => [checkpoint?.path, step])).toEqual([
      [undefined, undefined],
      [pathOf(2), 8],
      [undefined, undefined],
      [pathOf(4), 16],
    ]);
    expect(existsSync(pathOf(1))).toBe(false);
    expect(await readWeights(pathOf(4))).toEqual(weightsOf(model));
  });
});

describe('a mistake', () => {
  it('in the options is one sentence', () => {
    const { trainer } = testRun();
    expect(() => pitwallCallbacks(trainer, { checkpiont: () => 'x' } as never)).toThrow(/checkpiont.*"checkpoint"/);
    expect(() => pitwallCallbacks(trainer, { checkpoint: 'x' as never })).toThrow(
      /"checkpoint" must be a function that gives the path of a file for an epoch/,
    );
  });

  it('of standing behind plain objects of hooks is one sentence, and opens no run', async () => {
    const { trainer, types } = testRun();
    const callbacks = pitwallCallbacks(trainer);

    const fitting = smallModel().fit(xs, ys, { ...byTwo, callbacks: [{ onEpochEnd: () => undefined }, callbacks] });

    await expect(fitting).rejects.toThrow(
      'pitwallCallbacks(trainer) was given to fit beside plain objects of hooks, and tfjs tells its model to none of these',
    );
    expect(types()).toEqual([]);
  });
});
