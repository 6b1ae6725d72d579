import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { terminateOnNaN, type TerminateOnNaNOptions } from '../../src/callbacks/index.ts';
import { fakeTrainer } from '../../src/testing/index.ts';
import { testRun } from '../trainer/test-run.ts';
import { connected, ended } from './connected.ts';

const step = (number: number, metrics?: Readonly<Record<string, unknown>>) =>
  ({ type: 'step', epoch: 2, step: number, ...(metrics && { metrics }) }) as const;

describe('terminateOnNaN', () => {
  it.each<[string, TerminateOnNaNOptions, Readonly<Record<string, unknown>>, string | undefined]>([
    ['NaN', {}, { loss: NaN }, '"loss" is NaN'],
    ['an infinity', {}, { loss: Infinity }, '"loss" is Infinity'],
    ['the other infinity', {}, { accuracy: 0.5, loss: -Infinity }, '"loss" is -Infinity'],
    ['the largest number', {}, { loss: Number.MAX_VALUE }, undefined],
    ['zero', {}, { loss: 0 }, undefined],
    ['what is unknown', {}, { loss: null, other: undefined }, undefined],
    ['what is no number', {}, { loss: 'NaN', nested: { loss: NaN } }, undefined],
    ['one that is watched', { metrics: ['norm', 'loss'] }, { loss: NaN }, '"loss" is NaN'],
    ['one that is not', { metrics: ['norm'] }, { norm: 1, loss: NaN }, undefined],
  ])('takes %s, in a step and at the end of an epoch', (_, options, metrics, found) => {
    const ofStep = connected(terminateOnNaN(options));
    ofStep.tell(step(12), step(13, metrics), ended(2));
    const ofEpoch = connected(terminateOnNaN(options), { step: 40 });
    ofEpoch.tell(step(40), ended(2, metrics), ended(3));

    expect(ofStep.heard).toEqual(found === undefined ? [] : [`${found} in step 13, of epoch 2`, '|']);
    expect(ofEpoch.heard).toEqual(found === undefined ? [] : [`${found} at the end of epoch 2, after step 40`, '|']);
  });

  it('ends the training before the next step', async () => {
    const { register, run } = fakeTrainer([
      { steps: 3, stepMetrics: () => ({ loss: 1 }), metrics: { loss: 1 } },
      { steps: 10, stepMetrics: (number) => ({ loss: number === 4 ? NaN : 1 }), metrics: { loss: 1 } },
    ]);
    register(terminateOnNaN());

    const { outcome } = await run();

    expect(outcome).toMatchObject({
      status: 'stopped',
      reason: '"loss" is NaN in step 7, of epoch 2',
      epochs: 1,
      steps: 7,
    });
  });

  // Elsewhere a stop for NaN deletes the backup of the run, which is needed then most of all.
  it('leaves every checkpoint as it is', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pitwall-nan-')), 'epoch-1.bin');
    const { trainer, of } = testRun<{ loss: number }>({ epochs: 3 });
    trainer.register(terminateOnNaN());

    const outcome = await trainer.fit(async (epoch) => {
      await epoch.step(() => undefined);
      if (epoch.epoch > 1) return { loss: NaN };
      writeFileSync(path, 'weights');
      await epoch.checkpoint(path);
      return { loss: 1 };
    });

    expect(outcome).toMatchObject({ status: 'stopped', reason: '"loss" is NaN at the end of epoch 2, after step 2' });
    expect(of('epoch:end').map(({ checkpoint }) => checkpoint?.path)).toEqual([path, undefined]);
    expect(readFileSync(path, 'utf8')).toBe('weights');
  });

  it('costs a step no look at the run', () => {
    const { tell, looks } = connected(terminateOnNaN());

    for (let number = 1; number <= 100; number++) tell(step(number, { loss: 1 }));

    expect(looks.atState).toBe(0);
  });

  it('remembers what a journal ends with, and forgets what was finite again', () => {
    const summary = { type: 'step:summary', epoch: 1, step: 20 } as const;
    const inForce = connected(terminateOnNaN(), { history: [summary, ended(1, { loss: NaN })] });
    const over = connected(terminateOnNaN(), { history: [ended(1, { loss: NaN }), ended(2, { loss: 1 })] });

    for (const { tell, heard } of [inForce, over]) {
      expect(heard).toEqual([]);
      tell(step(31, { loss: 1 }));
    }

    expect(inForce.heard).toEqual(['"loss" is NaN at the end of epoch 1, after step 20', '|']);
    expect(over.heard).toEqual([]);
  });

  it('may be registered late, and tells the steps of the whole run', async () => {
    const { trainer, register, run } = fakeTrainer([{ steps: 5 }, { steps: 5, metrics: { loss: NaN } }]);
    trainer.events$.subscribe((event) => {
      if (event.type === 'epoch:end' && event.epoch === 1) register(terminateOnNaN());
    });

    const { outcome } = await run();

    expect(outcome.reason).toBe('"loss" is NaN at the end of epoch 2, after step 10');
  });

  it.each([
    [null, 'The options of terminateOnNaN must be an object, but null came'],
    [{ metrics: 'loss' }, `"metrics" must be an array of metrics' names, but "loss" came`],
    [{ metrics: [] }, `"metrics" must be an array of metrics' names, but an array of 0 came`],
    [{ metrics: ['loss', ''] }, '"metrics[1]" must be the name of a metric, but "" came'],
    [{ name: '' }, '"name" must be a name, a string that is not empty, but "" came'],
    [{ metric: ['loss'] }, 'The options of terminateOnNaN have an unknown key "metric": did you mean "metrics"?'],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => terminateOnNaN(options as never)).toThrow(sentence);
  });
});
