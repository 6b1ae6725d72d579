import { describe, expect, it } from 'vitest';
import type { Epoch } from '../../src/trainer/index.ts';
import { testRun, turn } from './test-run.ts';

describe('epoch.step', () => {
  it('gives back what its work gives, sync or async', async () => {
    const { trainer } = testRun();
    await trainer.fit(async (epoch) => {
      expect(await epoch.step(() => 0.5)).toBe(0.5);
      expect(await epoch.step(() => Promise.resolve('later'))).toBe('later');
      await expect(epoch.step(12)).resolves.toBeUndefined();
    });
  });

  it('counts over the whole run, from 1, and times by the clock', async () => {
    const { trainer, clock, of } = testRun({ epochs: 2 });
    await trainer.fit(async (epoch) => {
      await epoch.step(() => {
        clock.work(2);
      });
      await epoch.step(async () => {
        await turn();
        clock.work(3);
      });
      await epoch.step(4.5);
    });
    expect(of('step').map(({ epoch, step, durationMs }) => [epoch, step, durationMs])).toEqual([
      [1, 1, 2],
      [1, 2, 3],
      [1, 3, 4.5],
      [2, 4, 2],
      [2, 5, 3],
      [2, 6, 4.5],
    ]);
    for (const event of of('step')) expect(event).not.toHaveProperty('seq');
  });

  it('tells a plain object that its work gives, or that comes with its duration, as the metrics of the step', async () => {
    const { trainer, of } = testRun();
    await trainer.fit(async (epoch) => {
      await epoch.step(() => ({ loss: 1 }));
      await epoch.step(() => new Map());
      await epoch.step(() => [1]);
      await epoch.step(7, { loss: 2 });
    });
    expect(of('step').map((event) => event.metrics)).toEqual([{ loss: 1 }, undefined, undefined, { loss: 2 }]);
  });

  it('lets an error of its work through, tells no step, and can be called again', async () => {
    const { trainer, of } = testRun();
    const boom = new Error('boom');
    await trainer.fit(async (epoch) => {
      await expect(
        epoch.step(() => {
          throw boom;
        }),
      ).rejects.toBe(boom);
      await expect(epoch.step(() => Promise.reject(boom))).rejects.toBe(boom);
      await epoch.step(1);
    });
    expect(of('step').map((event) => event.step)).toEqual([1]);
  });

  it.each([
    ['a string', '5', 'epoch.step(…) must get a function, or the milliseconds of a step that is done, but "5" came.'],
    ['nothing', undefined, /must get a function, or the milliseconds/],
    ['a negative time', -1, /epoch\.step\(durationMs\) must get milliseconds from 0 on, but -1 came/],
    ['NaN', Number.NaN, /milliseconds from 0 on, but NaN came/],
    ['an infinite time', Infinity, /milliseconds from 0 on, but Infinity came/],
  ])('says in one sentence that it cannot take %s', async (_, work, sentence) => {
    const { trainer } = testRun();
    await expect(trainer.fit((epoch) => epoch.step(work as never))).rejects.toThrow(sentence);
  });

  it('refuses two at once, and one within another', async () => {
    const { trainer } = testRun();
    await trainer.fit(async (epoch) => {
      const first = epoch.step(turn);
      await expect(epoch.step(() => 1)).rejects.toThrow(
        'epoch.step(…) was called while step 1 still runs: await each step before the next.',
      );
      await first;
      await epoch.step(async () => {
        await expect(epoch.step(() => 1)).rejects.toMatchObject({ code: 'STEP_OVERLAP' });
      });
    });
    expect(trainer.state.step).toBe(2);
  });

  it('refuses a step outside its epoch', async () => {
    const { trainer } = testRun({ epochs: 2 });
    let first: Epoch | undefined;
    await trainer.fit(async (epoch) => {
      first ??= epoch;
      if (epoch.epoch === 2)
        await expect(first.step(() => 1)).rejects.toThrow(
          'epoch.step(…) of epoch 1 was called after that epoch had ended: await it inside its epoch.',
        );
    });
    await expect(first!.step(() => 1)).rejects.toMatchObject({ code: 'EPOCH_ENDED' });
    await expect(first!.checkpoint('x')).rejects.toMatchObject({ code: 'EPOCH_ENDED' });
  });

  it('refuses to end an epoch while a step runs', async () => {
    const { trainer, types } = testRun();
    await expect(trainer.fit((epoch) => void epoch.step(turn))).rejects.toThrow(
      'Epoch 1 was to end while step 1 still runs: await every step before.',
    );
    await turn();
    expect(types().at(-1)).toBe('run:end');
  });

  it('lets the event loop have a turn at least every 10 ms of stepping, and not at every step', async () => {
    const { trainer, clock } = testRun();
    let turns = 0;
    let stepsInARow = 0;
    let most = 0;
    const count = (): void => {
      turns++;
      stepsInARow = 0;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await trainer.fit(async (epoch) => {
      for (let step = 0; step < 200; step++)
        await epoch.step(() => {
          clock.work(2);
          most = Math.max(most, ++stepsInARow);
        });
    });
    clearImmediate(immediate);
    expect(most).toBe(5);
    expect(turns).toBeGreaterThanOrEqual(38);
    expect(turns).toBeLessThanOrEqual(42);
  });

  it('lets it have one too where the clock stands still', async () => {
    const { trainer } = testRun();
    setImmediate(() => {
      trainer.stop('the loop breathes');
    });
    const outcome = await trainer.fit(async (epoch) => {
      for (;;) await epoch.step(() => undefined);
    });
    expect(outcome).toMatchObject({ status: 'stopped', reason: 'the loop breathes' });
  });

  it('is summed up once a second, and for the rest at the end', async () => {
    const { trainer, clock, of } = testRun({ epochs: 2 });
    await trainer.fit(async (epoch) => {
      for (let step = 1; step <= 75; step++)
        await epoch.step(() => {
          clock.work(step === 10 ? 30 : 10);
        });
    });
    // A second is full after 96 steps, as the 10th of each epoch takes 20 ms more.
    expect(of('step:summary')).toMatchObject([
      { epoch: 2, step: 96, count: 96, p50Ms: 10, p99Ms: 30, maxMs: 30 },
      { epoch: 2, step: 150, count: 54, p50Ms: 10, p99Ms: 10, maxMs: 10 },
    ]);
  });
});
