import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testRun, turn } from './test-run.ts';

describe('trainer.open', () => {
  it('runs a loop that belongs to somebody else', async () => {
    const { trainer, types } = testRun<{ loss: number }>({ epochs: 2 });
    const session = trainer.open();
    for (const epoch of [1, 2]) {
      expect(session.epochStart()).toBe(epoch);
      expect(await session.step(() => 'value')).toBe('value');
      await session.step(7);
      await session.epochEnd({ loss: 1 });
    }
    const outcome = await session.end();
    expect(outcome).toMatchObject({ status: 'completed', epochs: 2, steps: 4 });
    expect(types()).toEqual(
      ['run:start'].concat(...[1, 2].map(() => ['epoch:start', 'step', 'step', 'epoch:end']), [
        'step:summary',
        'training:end',
        'run:end',
      ]),
    );
  });

  it('tells epochs at once, without being awaited', async () => {
    const { trainer, types } = testRun();
    const session = trainer.open();
    session.epochStart();
    void session.epochEnd();
    session.epochStart();
    expect(types()).toEqual(['run:start', 'epoch:start', 'epoch:end', 'epoch:start']);
    void session.epochEnd();
    await session.end();
    expect(types().slice(-3)).toEqual(['epoch:end', 'training:end', 'run:end']);
  });

  it('takes steps that are done, one after the other, from a loop that cannot await', async () => {
    const { trainer, of } = testRun();
    const session = trainer.open();
    session.epochStart();
    void session.step(1);
    void session.step(2, { loss: 0.5 });
    void session.epochEnd({});
    const outcome = await session.end();
    expect(of('step').map(({ durationMs, metrics }) => [durationMs, metrics])).toEqual([
      [1, undefined],
      [2, { loss: 0.5 }],
    ]);
    expect(outcome).toMatchObject({ status: 'completed', epochs: 1, steps: 2 });
    expect(of('epoch:end')[0]?.interrupted).toBe(undefined);
  });

  it('rejects steps and epochs after a stop, and ends the open epoch as interrupted', async () => {
    const { trainer, of } = testRun({ epochs: 5 });
    const session = trainer.open();
    session.epochStart();
    await session.step(1);
    trainer.stop('enough');
    expect(session.signal.aborted).toBe(true);
    await expect(session.step(() => 1)).rejects.toMatchObject({ code: 'RUN_STOPPED' });
    const outcome = await session.end();
    expect(of('epoch:end')).toMatchObject([{ epoch: 1, interrupted: true }]);
    expect(outcome).toMatchObject({ status: 'stopped', reason: 'enough', epochs: 0, steps: 1 });
    expect(() => session.epochStart()).toThrow(/The run was stopped/);
    await expect(session.step(1)).rejects.toMatchObject({ code: 'RUN_STOPPED' });
  });

  it('ends although an epoch was ended twice while its checkpoint was read', async () => {
    const { trainer, of } = testRun();
    const session = trainer.open();
    for (const number of [1, 2]) {
      expect(session.epochStart()).toBe(number);
      void session.checkpoint(fileURLToPath(import.meta.url));
      const first = session.epochEnd();
      await expect(session.epochEnd()).rejects.toMatchObject({ code: 'EPOCH_ENDED' });
      await first;
    }
    session.epochStart();
    void session.checkpoint(fileURLToPath(import.meta.url));
    const [, second] = [session.epochEnd(), session.epochEnd()];
    const ending = session.end();
    await expect(second).rejects.toMatchObject({ code: 'EPOCH_ENDED' });
    expect(await ending).toMatchObject({ status: 'completed', epochs: 3 });
    expect(of('epoch:end').every((event) => event.checkpoint !== undefined)).toBe(true);
  });

  it('ends once, and as failed if it is told to', async () => {
    const { trainer, of } = testRun();
    const session = trainer.open();
    const boom = new Error('boom');
    const ending = session.end({ error: boom });
    expect(session.end()).toBe(ending);
    expect(await ending).toMatchObject({ status: 'failed', error: boom });
    expect(of('run:end')).toHaveLength(1);
  });

  it('says in one sentence what was called at the wrong time', async () => {
    const { trainer } = testRun();
    const session = trainer.open();
    await expect(session.step(1)).rejects.toThrow('step(…) was called outside an epoch: call epochStart() before it.');
    await expect(session.epochEnd()).rejects.toThrow('epochEnd(…) was called outside an epoch');
    await expect(session.checkpoint('x')).rejects.toThrow('checkpoint(…) was called outside an epoch');
    session.epochStart();
    expect(() => session.epochStart()).toThrow(
      'Epoch 1 is still open, so the next cannot begin: await epochEnd(metrics) first.',
    );
    const step = session.step(turn);
    await expect(session.epochEnd()).rejects.toMatchObject({ code: 'STEP_OVERLAP' });
    await step;
    await expect(session.epochEnd(3 as never)).rejects.toThrow(/The metrics of epoch 1 must be an object/);
    await session.epochEnd();
    await session.end();
    expect(() => session.epochStart()).toThrow('The run has ended, so no epoch can begin');
  });
});
