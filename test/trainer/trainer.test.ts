import { describe, expect, it, vi } from 'vitest';
import { runEventSchema } from '../../src/events/index.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { testRun, turn } from './test-run.ts';

describe('new Trainer', () => {
  it.each([
    [{ epochs: 3 }, /new Trainer\(\): "name" must be a string that is not empty, .*but undefined came/],
    [{ name: ' ', epochs: 3 }, /"name" must be a string that is not empty/],
    [{ name: 'a', epochs: 0 }, /"epochs" must be a whole number of epochs, from 1 on, but 0 came/],
    [{ name: 'a', epochs: 1.5 }, /"epochs" must be a whole number of epochs/],
    [{ name: 'a', epochs: Number.NaN }, /"epochs" must be a whole number of epochs.*NaN came/],
    [{ name: 'a', epochs: 3, epoch: 4 }, /new Trainer\(\) has an unknown key "epoch": did you mean "epochs"\?/],
    [{ name: 'a', epochs: 3, journal: true }, /"journal" must be the folder of the journals, or false.*true came/],
    [{ name: 'a', epochs: 3, drain: 'never' }, /"drain" must be one of "wait", "cancel", but "never" came/],
    [{ name: 'a', epochs: 3, runId: '../x' }, /"runId" must be .*letters, digits.* but "\.\.\/x" came/],
    [{ name: 'a', epochs: 3, runId: 'a/b' }, /"runId" must be/],
    [{ name: 'a', epochs: 3, runId: '' }, /"runId" must be/],
    [{ name: 'a', epochs: 3, clock: { now: () => 0 } }, /"clock" must be a clock with now, wallNow, setTimeout/],
    [undefined, /new Trainer\(\) must be .*but undefined came/],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => new Trainer(options as never)).toThrow(sentence);
  });

  it('gives its run a sortable id, and the folder under it', () => {
    const { trainer } = testRun({ journal: '/runs', name: 'minishogi' });
    expect(trainer.runId).toMatch(/^20231114-221320-[0-9a-f]{6}$/);
    expect(trainer.runFolder).toBe(`/runs/${trainer.runId}`);
    expect(testRun({ runId: 'my.run-1', journal: '/runs' }).trainer.runFolder).toBe('/runs/my.run-1');
    expect(testRun().trainer.runFolder).toBeUndefined();
  });
});

describe('fit', () => {
  it('tells a whole run in order, every event but step with a seq, each valid', async () => {
    const { trainer, clock, events, types } = testRun<{ loss: number }>({ epochs: 2, runId: 'r' });

    const outcome = await trainer.fit(async (epoch) => {
      await epoch.step(() => {
        clock.work(3);
      });
      return { loss: 1 / epoch.epoch };
    });

    expect(types()).toEqual(
      [
        ['run:start'],
        ['epoch:start', 'step', 'epoch:end'],
        ['epoch:start', 'step', 'epoch:end'],
        ['step:summary', 'training:end', 'run:end'],
      ].flat(),
    );
    for (const event of events) expect(runEventSchema.parse(event)).toEqual(event);
    const numbered = events.filter((event) => event.type !== 'step');
    expect(numbered.map((event) => event.seq)).toEqual(numbered.map((_, index) => index + 1));
    expect(events[0]).toEqual({
      type: 'run:start',
      seq: 1,
      at: 1_700_000_000_000,
      runId: 'r',
      name: 'test',
      epochs: 2,
      config: { journal: false, drain: 'wait', callbacks: {} },
    });
    expect(events[2]).toEqual({ type: 'step', at: 1_700_000_000_003, runId: 'r', epoch: 1, step: 1, durationMs: 3 });
    expect(events[6]).toMatchObject({ type: 'epoch:end', epoch: 2, metrics: { loss: 0.5 } });
    expect(events[6]).not.toHaveProperty('interrupted');
    expect(events.at(-1)).toMatchObject({ type: 'run:end', status: 'completed', epochs: 2, steps: 2 });
    expect(outcome).toEqual({
      status: 'completed',
      runId: 'r',
      epochs: 2,
      steps: 2,
      overhead: { callbacksMs: {}, totalMs: 0, trainingMs: 6, percent: 0 },
      evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
    });
  });

  it('completes events$ after run:end, and leaves no timer behind', async () => {
    const { trainer, clock, types } = testRun();
    const complete = vi.fn(() => {
      expect(types().at(-1)).toBe('run:end');
    });
    trainer.events$.subscribe({ complete });
    await trainer.fit(() => undefined);
    expect(complete).toHaveBeenCalledOnce();
    expect(clock.virtual.pendingTimers).toBe(0);
  });

  it('holds the process alive while it runs, and only then', async () => {
    const alive = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = alive();
    const { trainer } = testRun();
    expect(alive()).toBe(before);
    let during = 0;
    await trainer.fit(() => {
      during = alive();
    });
    expect(during).toBe(before + 1);
    expect(alive()).toBe(before);
  });

  it('is the state that it tells', async () => {
    const { trainer } = testRun<{ loss: number }>({ epochs: 2 });
    expect(trainer.state).toMatchObject({ epoch: 0, step: 0, metrics: undefined, evaluationsInFlight: [] });
    await trainer.fit(async (epoch) => {
      expect(trainer.state.epoch).toBe(epoch.epoch);
      expect(trainer.state.metrics).toEqual(epoch.epoch === 1 ? undefined : { loss: 1 });
      await epoch.step(5);
      expect(trainer.state.step).toBe(epoch.epoch);
      return { loss: epoch.epoch };
    });
    expect(trainer.state).toMatchObject({ epoch: 2, step: 2, metrics: { loss: 2 } });
  });

  it('is for one run', async () => {
    const { trainer } = testRun();
    await trainer.fit(() => undefined);
    await expect(trainer.fit(() => undefined)).rejects.toThrow(
      'The trainer "test" has begun its run already, and a trainer is for one run: make a new Trainer for the next.',
    );
    expect(() => trainer.open()).toThrow(/has begun its run already/);
  });

  it('needs a function, and metrics that are an object or nothing', async () => {
    await expect(testRun().trainer.fit({} as never)).rejects.toThrow(
      'trainer.fit(…) must get the function of an epoch, but an object came.',
    );
    await expect(testRun().trainer.fit((() => 0.5) as never)).rejects.toThrow(
      'The metrics of epoch 1 must be an object, such as { loss }, or nothing, but 0.5 came.',
    );
  });

  it.each([new Error('out of memory'), 'a string', null])(
    'ends the run as failed when its function throws %o, and rejects with that very thing',
    async (thrown) => {
      const { trainer, of, types } = testRun({ epochs: 3 });
      const rejection = await trainer
        .fit(async (epoch) => {
          await epoch.step(1);
          if (epoch.epoch === 2) throw thrown;
        })
        .then(
          () => 'resolved',
          (error: unknown) => [error],
        );

      expect((rejection as unknown[])[0]).toBe(thrown);
      expect(types().slice(-4)).toEqual(['epoch:end', 'step:summary', 'training:end', 'run:end']);
      expect(of('epoch:end').map((event) => event.interrupted)).toEqual([undefined, true]);
      expect(of('run:end')[0]).toMatchObject({ status: 'failed', epochs: 1, steps: 2 });
      expect(of('run:end')[0]!.error!.message).toContain(thrown instanceof Error ? thrown.message : String(thrown));
    },
  );

  it('lets the loop breathe between epochs without steps', async () => {
    const { trainer, clock } = testRun({ epochs: 100 });
    let turns = 0;
    const count = (): void => {
      turns++;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await trainer.fit(() => {
      clock.work(10);
    });
    clearImmediate(immediate);
    expect(turns).toBeGreaterThanOrEqual(99);
  });
});

describe('events$', () => {
  it('is hot and gives no history', async () => {
    const { trainer } = testRun();
    const late: string[] = [];
    await trainer.fit(async () => {
      trainer.events$.subscribe((event) => late.push(event.type));
      await turn();
    });
    expect(late).toEqual(['epoch:end', 'training:end', 'run:end']);
  });
});
