import { CustomCallback } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { fitWith } from '../../src/adapters/tfjs.ts';
import { testRun } from '../trainer/test-run.ts';
import { batches, points, smallModel } from './small-model.ts';

const { xs, ys } = points();

describe('fitWith', () => {
  it('gives what fit gave and how the run ended, after the epochs of the trainer', async () => {
    const { trainer, of } = testRun({ epochs: 3 });

    const { history, outcome } = await fitWith(trainer, (pitwall) =>
      smallModel().fit(xs, ys, { ...pitwall, batchSize: 4 }),
    );

    expect(history.epoch).toEqual([0, 1, 2]);
    expect(outcome).toMatchObject({ status: 'completed', epochs: 3, steps: 6 });
    expect(of('run:end')).toHaveLength(1);
  });

  it('makes one run of one fit after the other', async () => {
    const { trainer, of } = testRun({ epochs: 5 });
    const model = smallModel();

    const { outcome } = await fitWith(trainer, async (pitwall) => {
      await model.fit(xs, ys, { ...pitwall, epochs: 2 });
      return model.fitDataset(batches(), { ...pitwall, initialEpoch: 2 });
    });

    expect(outcome).toMatchObject({ status: 'completed', epochs: 5, steps: 2 + 3 * 4 });
    expect(of('epoch:end').map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  });

  it('takes an epoch that a callback of tfjs ends early for what it is: the end of that epoch', async () => {
    const { trainer, of } = testRun({ epochs: 3 });
    const model = smallModel();
    const enough = new CustomCallback({
      onBatchEnd: () => {
        model.stopTraining = true;
      },
    });

    const { outcome } = await fitWith(trainer, async (pitwall) => {
      await model.fit(xs, ys, { ...pitwall, batchSize: 2, callbacks: [pitwall.callbacks, enough] });
      return model.fit(xs, ys, { ...pitwall, batchSize: 2, initialEpoch: 1 });
    });

    expect(outcome).toMatchObject({ status: 'completed', epochs: 3, steps: 1 + 2 * 4 });
    expect(of('epoch:end').map(({ interrupted }) => interrupted)).toEqual([undefined, undefined, undefined]);
  });

  it('ends the run as stopped after a stop', async () => {
    const { trainer } = testRun({ epochs: 5 });
    trainer.register({
      name: 'stopper',
      onEpochEnd: () => {
        trainer.stop('enough');
      },
    });

    const { history, outcome } = await fitWith(trainer, (pitwall) => smallModel().fit(xs, ys, { ...pitwall }));

    expect(outcome).toMatchObject({ status: 'stopped', reason: 'enough', epochs: 1 });
    expect(history.epoch).toEqual([0]);
  });

  it('ends the run as failed with what fit rejects with, before a batch and after one', async () => {
    for (const failsAt of [0, 1]) {
      const { trainer, of } = testRun({ epochs: 2 });

      const fitting = fitWith(trainer, (pitwall) => smallModel().fitDataset(batches({ failsAt }), { ...pitwall }));

      await expect(fitting).rejects.toThrow('no such batch');
      expect(of('run:end')).toMatchObject([{ status: 'failed', error: { message: 'no such batch' }, steps: failsAt }]);
      expect(of('epoch:end')).toMatchObject([{ epoch: 1, interrupted: true }]);
    }
  });

  it('ends the run as failed when fit does not begin', async () => {
    const { trainer, of } = testRun();

    await expect(fitWith(trainer, (pitwall) => smallModel().fit(ys, xs, { ...pitwall }))).rejects.toThrow(/shape/);

    expect(of('run:end')).toMatchObject([{ status: 'failed', epochs: 0 }]);
  });

  it('says in one sentence what was forgotten', async () => {
    const { trainer, of } = testRun();

    await expect(fitWith(trainer, () => smallModel().fit(xs, ys, {}))).rejects.toThrow(
      'The function given to fitWith trained without the `callbacks` that it got: spread what it gets into the options of model.fit.',
    );

    expect(of('run:end')).toMatchObject([{ status: 'failed' }]);
    await expect(fitWith(trainer, smallModel() as never)).rejects.toThrow(
      'fitWith(trainer, fit) must get a function that calls model.fit, but a Sequential came.',
    );
    await expect(fitWith(trainer, () => Promise.resolve())).rejects.toThrow(/has begun its run already/);
  });
});
