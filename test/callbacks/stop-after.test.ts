import { describe, expect, it } from 'vitest';
import { stopAfter } from '../../src/callbacks/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { Trainer } from '../../src/trainer/index.ts';
import { testRun } from '../trainer/test-run.ts';
import { connected } from './connected.ts';

/** A training of two steps an epoch, 10 ms each, whose epochs then take a while to save, under a clock that only it moves. */
function training(tailsMs: readonly number[]) {
  const clock = new VirtualClock();
  const trainer = new Trainer({ name: 'timed', epochs: tailsMs.length, journal: false, clock });
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
  const saved: number[] = [];
  const fit = () =>
    clock.runUntil(
      trainer.fit(async (epoch) => {
        await epoch.step(() => sleep(10));
        await epoch.step(() => sleep(10));
        await sleep(tailsMs[epoch.epoch - 1] ?? 0);
        saved.push(epoch.epoch);
      }),
    );
  return { trainer, clock, saved, fit };
}

const noTail = [0, 0, 0, 0, 0];

describe('stopAfter', () => {
  it.each([
    ['just before a step ends', 29, 3],
    ['as a step ends', 30, 3],
    ['just after', 31, 4],
    ['after the whole training', 101, 10],
  ])('ends the training %s', async (_, afterMs, steps) => {
    const { trainer, clock, fit } = training(noTail);
    trainer.register(stopAfter({ afterMs }));

    const outcome = await fit();

    expect(outcome).toMatchObject(
      steps === 10
        ? { status: 'completed', steps }
        : { status: 'stopped', reason: `its time of ${afterMs} ms is over`, steps },
    );
    expect(outcome.reason === undefined).toBe(steps === 10);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each<[string, readonly number[], number, readonly number[], number]>([
    ['the epoch that is at its end saves in time', [5, 5, 5, 5, 5], 100, [1, 2, 3, 4], 100],
    ['of the next epoch only the step is done that runs', [5, 5, 5, 5, 5], 106, [1, 2, 3, 4], 110],
    ['the longest tail counts, not the last', [20, 5, 5, 5, 5, 5], 109, [1, 2, 3], 90],
    ['an epoch that saves when its time comes goes on', [5, 5, 5, 5, 5], 51, [1, 2], 50],
  ])('stops so early that %s', async (_, tailsMs, afterMs, saved, endMs) => {
    const { trainer, clock, saved: savedNow, fit } = training(tailsMs);
    trainer.register(stopAfter({ afterMs }));

    const { status, reason } = await fit();

    expect(savedNow).toEqual(saved);
    expect(clock.now()).toBe(endMs);
    expect([status, reason]).toEqual([
      'stopped',
      `its time of ${afterMs} ms is over, but for the ${Math.max(...tailsMs)} ms that the end of an epoch has taken`,
    ]);
  });

  it('tells the signal in the middle of a step that takes long, for who looks at it', async () => {
    const clock = new VirtualClock();
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
    const trainer = new Trainer({ name: 'timed', epochs: 2, journal: false, clock });
    trainer.register(stopAfter({ afterMs: 100 }));
    const abortedAt: number[] = [];

    const { status } = await clock.runUntil(
      trainer.fit(async (epoch) => {
        epoch.signal.onabort = () => abortedAt.push(clock.now());
        await epoch.step(() => sleep(epoch.epoch === 1 ? 10 : 200));
        await sleep(20);
      }),
    );

    expect([status, abortedAt]).toEqual(['stopped', [80]]); // 20 ms before its time
  });

  it('stops at a step where the training keeps its timer from its time', async () => {
    const { trainer, clock } = testRun({ epochs: 100 });
    trainer.register(stopAfter({ afterMs: 30 }));

    const { steps, reason } = await trainer.fit(async (epoch) => {
      await epoch.step(() => {
        clock.work(10);
      });
    });

    expect([steps, reason]).toEqual([3, 'its time of 30 ms is over']);
    expect(clock.virtual.pendingTimers).toBe(0);
  });

  it('leaves no timer behind when it is unregistered', async () => {
    const { trainer, clock, fit } = training(noTail);
    const { unregister } = trainer.register(stopAfter({ afterMs: 50 }));
    const timers: number[] = [];
    trainer.events$.subscribe((event) => {
      if (event.type !== 'epoch:end' || event.epoch !== 1) return;
      timers.push(clock.pendingTimers);
      unregister();
      timers.push(clock.pendingTimers);
    });

    const { status } = await fit();

    expect([status, timers]).toEqual(['completed', [1, 0]]);
  });

  it('counts from its registration where that is late', async () => {
    const { trainer, fit } = training(noTail);
    trainer.events$.subscribe((event) => {
      if (event.type === 'epoch:end' && event.epoch === 2) trainer.register(stopAfter({ afterMs: 25 }));
    });

    const { epochs, steps } = await fit();

    expect([epochs, steps]).toEqual([3, 7]);
  });

  it('is over with the training, so that a long drain is not told as its doing', async () => {
    const { clock, tell, heard } = connected(stopAfter({ afterMs: 50 }));

    tell({ type: 'training:end' });
    await clock.advance(100);

    expect([heard, clock.pendingTimers]).toEqual([['|'], 0]);
  });

  describe('of a resumed run', () => {
    const history = [
      { type: 'run:start', at: 1_000 },
      { type: 'epoch:start', at: 1_000 },
      { type: 'step:summary', at: 1_030 },
      { type: 'epoch:end', epoch: 1, at: 1_040 },
      // Here its process was killed; another one began a day later.
      { type: 'run:start', at: 90_000_000 },
      { type: 'epoch:start', at: 90_000_005 },
    ] as const;

    it.each([
      [44, 0],
      [45, 1],
    ])(
      'has what is left of its time, less the longest tail: after %i ms it has told %i reasons',
      async (ms, reasons) => {
        const run = connected(stopAfter({ afterMs: 100 }), { history });

        await run.clock.advance(ms);

        expect(run.heard.filter((each) => each !== '|')).toHaveLength(reasons);
      },
    );

    it('stops at once where its time is over, and not before something happens', () => {
      const run = connected(stopAfter({ afterMs: 20 }), { history });
      expect(run.heard).toEqual([]);

      run.tell({ type: 'epoch:start', epoch: 2 });

      expect(run.heard).toEqual([
        'its time of 20 ms is over, but for the 10 ms that the end of an epoch has taken',
        '|',
      ]);
    });
  });

  it('knows no tail of an epoch without steps, or of one that was interrupted', async () => {
    const { clock, tell, heard } = connected(stopAfter({ afterMs: 100 }));

    tell({ type: 'step' });
    await clock.advance(30);
    tell({ type: 'epoch:end', interrupted: true }, { type: 'epoch:start', epoch: 2 });
    await clock.advance(30);
    tell({ type: 'epoch:end', epoch: 2 });
    await clock.advance(39);
    expect(heard).toEqual([]);

    await clock.advance(1);
    expect(heard).toEqual(['its time of 100 ms is over', '|']);
  });

  it.each([
    [undefined, 'The options of stopAfter must be an object, but undefined came'],
    [{}, '"afterMs" must be a number of milliseconds above 0, but undefined came'],
    [{ afterMs: 0 }, '"afterMs" must be a number of milliseconds above 0, but 0 came'],
    [{ afterMs: Infinity }, '"afterMs" must be a number of milliseconds above 0, but Infinity came'],
    [{ afterMs: '8h' }, '"afterMs" must be a number of milliseconds above 0, but "8h" came: give a plain number'],
    [{ afterMS: 5 }, 'The options of stopAfter have an unknown key "afterMS": did you mean "afterMs"?'],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => stopAfter(options as never)).toThrow(sentence);
  });
});
