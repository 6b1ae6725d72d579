import { describe, expect, it } from 'vitest';
import { defineCallback } from '../../src/callbacks/index.ts';
import { StepSampling } from '../../src/trainer/step-sampling.ts';
import { StepWindow } from '../../src/trainer/step-window.ts';
import { SynchronousTime } from '../../src/trainer/synchronous-time.ts';
import { testRun, turn } from './test-run.ts';

describe('StepSampling', () => {
  it('chooses the first step, and one at changing places in each 64', () => {
    const sampling = new StepSampling();
    const chosen = Array.from({ length: 64 * 50 }, () => sampling.next());
    expect(chosen[0]).toBe(true);
    const places = Array.from({ length: 49 }, (_, block) => {
      const steps = chosen.slice((block + 1) * 64, (block + 2) * 64);
      expect(steps.filter(Boolean)).toHaveLength(1);
      return steps.indexOf(true);
    });
    expect(new Set(places).size).toBeGreaterThan(20);
  });
});

describe('SynchronousTime', () => {
  it('adds events as they are, and steps as their sample says', () => {
    const time = new SynchronousTime();
    expect(time.totalMs(100)).toBe(0);
    time.add(false, 5, 0);
    time.add(true, 1, 0);
    time.add(true, 3, 0);
    expect(time.totalMs(100)).toBe(205);
  });

  it.each([
    [49.9, 0, false],
    [50, 0, true],
  ])('tells %d ms as slow: %#', (tookMs, nowMs, told) => {
    expect(new SynchronousTime().add(false, tookMs, nowMs)).toBe(told);
  });

  it('tells it once a second', () => {
    const time = new SynchronousTime();
    const told = [0, 500, 999, 1_000, 1_001, 2_000].map((nowMs) => time.add(false, 60, nowMs));
    expect(told).toEqual([true, false, false, true, false, true]);
  });
});

describe('StepWindow', () => {
  it('gives nearest-rank percentiles, and begins anew', () => {
    const window = new StepWindow();
    expect(window.take()).toBeUndefined();
    for (let durationMs = 200; durationMs >= 1; durationMs--) window.add(durationMs);
    expect(window.take()).toEqual({ count: 200, p50Ms: 100, p99Ms: 198, maxMs: 200 });
    window.add(0);
    expect(window.take()).toEqual({ count: 1, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  });

  it('stays close above its capacity, and keeps count and maximum exact', () => {
    const window = new StepWindow();
    for (let index = 0; index < 100_000; index++) window.add((index * 7_919) % 100_000);
    const { count, p50Ms, p99Ms, maxMs } = window.take()!;
    expect({ count, maxMs }).toEqual({ count: 100_000, maxMs: 99_999 });
    expect(Math.abs(p50Ms - 50_000)).toBeLessThan(5_000);
    expect(Math.abs(p99Ms - 99_000)).toBeLessThan(1_000);
  });
});

describe('the time of callbacks on the training thread', () => {
  it('is told by name, on every event and on a sample of the steps', async () => {
    const { trainer, clock } = testRun({ epochs: 2 });
    trainer.register({
      name: 'slow-steps',
      onStep: () => {
        clock.work(0.5);
      },
    });
    trainer.register({
      name: 'slow-epochs',
      onEpochEnd: () => {
        clock.work(20);
      },
    });
    const { overhead } = await trainer.fit(async (epoch) => {
      for (let step = 0; step < 320; step++)
        await epoch.step(() => {
          clock.work(1);
        });
    });
    expect(overhead.callbacksMs).toEqual({ 'slow-steps': 320, 'slow-epochs': 40 });
    expect(overhead.totalMs).toBe(360);
    expect(overhead.trainingMs).toBe(1_000);
    expect(overhead.percent).toBe(36);
  });

  it('counts that of callbacks which came late, left, or came again', async () => {
    const { trainer, clock } = testRun({ epochs: 3 });
    const slow = {
      name: 'slow',
      onEpochStart: () => {
        clock.work(10);
      },
    };
    const { overhead } = await trainer.fit((epoch) => {
      if (epoch.epoch === 1) {
        const { unregister } = trainer.register(slow);
        setImmediate(unregister);
      }
      if (epoch.epoch === 2) trainer.register(slow);
      return turn();
    });
    expect(overhead.callbacksMs).toEqual({ slow: 10 });
  });

  it('is told as callback:slow from 50 ms on, once a second for each', async () => {
    const { trainer, clock, of } = testRun({ epochs: 4 });
    const works = [49, 50, 60, 70];
    trainer.register({
      name: 'heavy',
      onEpochEnd: ({ epoch }) => {
        clock.work(works[epoch - 1]!);
      },
    });
    await trainer.fit((epoch) => {
      if (epoch.epoch === 4) clock.work(1_000);
    });
    expect(of('callback:slow')).toMatchObject([
      { callback: 'heavy', durationMs: 50, event: 'epoch:end' },
      { callback: 'heavy', durationMs: 70, event: 'epoch:end' },
    ]);
  });

  it('counts what a hook takes that had to wait for its turn', async () => {
    const { trainer, clock, of } = testRun({ epochs: 2 });
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    trainer.register({
      name: 'waits',
      onEpochStart: ({ epoch }) => (epoch === 1 ? gate : undefined),
      onEpochEnd: () => {
        clock.work(80);
      },
    });
    const { overhead } = await trainer.fit(async (epoch) => {
      if (epoch.epoch === 1) return;
      open();
      await turn();
      expect(of('callback:slow')).toMatchObject([{ callback: 'waits', durationMs: 80, event: 'epoch:end' }]);
    });
    expect(overhead.callbacksMs).toEqual({ waits: 160 });
    expect(overhead.totalMs).toBe(160);
  });

  it('does not count what tools do', async () => {
    const { trainer, clock } = testRun();
    trainer.events$.subscribe(() => {
      clock.work(100);
    });
    const { overhead } = await trainer.fit(() => undefined);
    expect(overhead.totalMs).toBe(0);
  });

  it('gives each of many callbacks its own steps only', async () => {
    const { trainer, clock } = testRun();
    const stepwise = (name: string, ms: number) =>
      defineCallback(name, (run) => {
        run.events$.subscribe((event) => {
          if (event.type === 'step') clock.work(ms);
        });
      });
    trainer.register(stepwise('a', 1));
    const { overhead } = await trainer.fit(async (epoch) => {
      for (let step = 0; step < 128; step++) await epoch.step(0);
      trainer.register(stepwise('b', 2));
      for (let step = 0; step < 128; step++) await epoch.step(0);
    });
    expect(overhead.callbacksMs).toEqual({ a: 256, b: 256 });
  });
});
