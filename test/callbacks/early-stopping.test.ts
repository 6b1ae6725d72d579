import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bestCheckpoint,
  earlyStopping,
  evaluation,
  reduceOnPlateau,
  type EarlyStoppingOptions,
} from '../../src/callbacks/index.ts';
import { fakeExecutor, fakeTrainer } from '../../src/testing/index.ts';
import { completed, connected, ended, requested } from './connected.ts';

type Options = Partial<EarlyStoppingOptions>;

/** Runs a training whose epochs end with these losses. */
async function trained(losses: readonly unknown[], options: Options = {}) {
  const { register, run } = fakeTrainer(losses.map((loss) => ({ metrics: loss === 'none' ? {} : { loss } })));
  register(earlyStopping({ metric: 'loss', patience: 2, ...options }));
  return run();
}

const vsRandom = { on: 'vs-random', metric: 'winRate', patience: 2 };

describe('earlyStopping', () => {
  it.each<[string, readonly unknown[], Options, number, string | undefined]>([
    [
      'the last epoch of its patience',
      [9, 7, 8, 7, 1],
      {},
      4,
      '"loss" has not been better than 7, of epoch 2, for 2 epochs',
    ],
    ['an epoch less', [9, 7, 8, 6.9, 1], {}, 5, undefined],
    ['a patience of one', [9, 9, 1], { patience: 1 }, 2, '"loss" has not been better than 9, of epoch 1, for 1 epoch'],
    [
      'the larger as the better',
      [1, 3, 3, 2, 9],
      { mode: 'max' },
      4,
      '"loss" has not been better than 3, of epoch 2, for 2 epochs',
    ],
    [
      'a gain of exactly the least delta, which is none',
      [9, 8, 8, 1],
      { minDelta: 1 },
      3,
      '"loss" has not been better by more than 1 than 9, of epoch 1, for 2 epochs',
    ],
    ['a gain above it', [9, 8, 7.9, 1], { minDelta: 1 }, 4, undefined],
    ['a true zero as a value', [1, 0, 0, 0, -1], {}, 4, '"loss" has not been better than 0, of epoch 2, for 2 epochs'],
    [
      'NaN, null, a text and nothing as neither better nor worse',
      [9, NaN, null, 'low', 'none', Infinity, 9, 1],
      {},
      8,
      undefined,
    ],
    [
      'what is not measured between two that are no better',
      [9, 9, NaN, 9, 1],
      {},
      4,
      '"loss" has not been better than 9, of epoch 1, for 2 epochs',
    ],
    ['a metric that is never measured', [NaN, NaN, NaN], {}, 3, undefined],
  ])('takes %s', async (_, losses, options, epochs, reason) => {
    const { outcome } = await trained(losses, options);

    expect([outcome.status, outcome.epochs, outcome.reason]).toEqual([
      reason === undefined ? 'completed' : 'stopped',
      epochs,
      reason,
    ]);
  });

  it('does not count an epoch that was interrupted', () => {
    const { tell, heard } = connected(earlyStopping({ metric: 'loss', patience: 1 }));

    tell(ended(1, { loss: 1 }), { ...ended(2, { loss: 1 }), interrupted: true });
    expect(heard).toEqual([]);

    tell(ended(2, { loss: 1 }));
    expect(heard).toEqual(['"loss" has not been better than 1, of epoch 1, for 1 epoch', '|']);
  });

  it('stops on the results of an evaluation, beside the training', async () => {
    const rates = [0.5, 0.8, 0.7, 0.8, 0.9];
    const { clock, register, run } = fakeTrainer(Array.from({ length: 10 }, () => ({ steps: 2, stepMs: 100 })));
    const executor = fakeExecutor<number, { winRate: number }>(
      ({ input }) => [{ atMs: 10, result: { winRate: rates[input - 1] ?? 0 } }],
      { clock },
    );
    const beside = evaluation({ name: 'vs-random', every: 1, executor, input: ({ epoch }) => epoch });
    register(beside);
    register(earlyStopping({ on: beside, metric: 'winRate', patience: 2 }));

    const { outcome } = await run();

    expect(outcome).toMatchObject({
      status: 'stopped',
      reason: '"winRate" of "vs-random" has not been better than 0.8, of epoch 2, for 2 evaluations',
      epochs: 4, // the result comes in the middle of epoch 5
    });
    // @ts-expect-error -- the result has no such field
    earlyStopping({ on: beside, metric: 'winrate', patience: 2 });
  });

  it.each([
    ['earlyStopping', earlyStopping({ on: 'vs-randm', metric: 'winRate', patience: 2 })],
    ['reduceOnPlateau', reduceOnPlateau({ on: 'vs-randm', metric: 'winRate', patience: 2 })],
    ['bestCheckpoint', bestCheckpoint({ on: 'vs-randm', metric: 'winRate', path: 'never-written' })],
  ])('tells after one epoch that the evaluation it is on is not there, as others do: %s', async (_, callback) => {
    const { register, run } = fakeTrainer(Array.from({ length: 3 }, () => ({})));
    register(evaluation({ name: 'vs-random', every: 10, sla: false, executor: () => EMPTY }));
    register(callback);
    register(earlyStopping({ on: 'vs-random', metric: 'winRate', patience: 2 }));

    const { events } = await run();

    const why =
      'no evaluation "vs-randm" is registered at the end of epoch 1, so that there is nothing to judge; did you mean "vs-random"?';
    expect(events.filter(({ type }) => type === 'sla:unmeasured')).toMatchObject([{ rule: callback.name, why }]);
  });

  it('counts nothing but completed evaluations of that name', () => {
    const { tell, heard } = connected(earlyStopping(vsRandom));
    const worse = { winRate: 0.1 };

    tell(requested(1), completed(1, { winRate: 0.5 }), requested(2), completed(2, worse));
    for (const status of ['violated', 'failed', 'cancelled'] as const)
      tell(requested(3), { ...completed(3, worse), status, partial: worse });
    tell(requested(4), { ...completed(4, worse), type: 'evaluation:skipped', reason: 'busy' });
    tell({ ...requested(5), name: 'other' }, { ...completed(5, worse), name: 'other' });
    expect(heard).toEqual([]);

    tell(requested(6), completed(6, worse));
    expect(heard).toHaveLength(2);
  });

  it('judges results in the order of their requests, whichever ends first', () => {
    const { tell, heard } = connected(earlyStopping(vsRandom));

    tell(...[1, 2, 3, 4].map(requested));
    tell(completed(1, { winRate: 0.5 }), completed(3, { winRate: 0.6 }), completed(4, { winRate: 0.6 }));
    expect(heard).toEqual([]); // epoch 2 may yet be better

    tell(completed(2, { winRate: 0.7 }));
    expect(heard[0]).toBe('"winRate" of "vs-random" has not been better than 0.7, of epoch 2, for 2 evaluations');
  });

  it('judges results that come together as if they came one by one', () => {
    const { tell, heard } = connected(earlyStopping(vsRandom));

    tell(...[1, 2, 3, 4].map(requested));
    tell(completed(2, { winRate: 0.5 }), completed(3, { winRate: 0.5 }), completed(4, { winRate: 0.9 }));
    tell(completed(1, { winRate: 0.5 }));

    expect(heard[0]).toBe('"winRate" of "vs-random" has not been better than 0.5, of epoch 1, for 2 evaluations');
  });

  it.each(['violated', 'skipped'] as const)('does not wait for one that was %s', (end) => {
    const { tell, heard } = connected(earlyStopping({ ...vsRandom, patience: 1 }));

    tell(...[1, 2, 3].map(requested), completed(1, { winRate: 0.5 }), completed(3, { winRate: 0.5 }));
    expect(heard).toEqual([]);

    tell(
      end === 'skipped'
        ? { ...requested(2), type: 'evaluation:skipped', reason: 'breaker-open' }
        : { ...completed(2, undefined), status: end },
    );
    expect(heard).toHaveLength(2);
  });

  it.each<[string, 'min' | 'max', readonly unknown[], boolean]>([
    [
      'the low one where more is better',
      'max',
      [
        { low: 0.4, high: 0.6 },
        { low: 0.4, high: 0.9 },
      ],
      true,
    ],
    [
      'a low one that has risen',
      'max',
      [
        { low: 0.4, high: 0.6 },
        { low: 0.41, high: 0.5 },
      ],
      false,
    ],
    [
      'the high one where less is better',
      'min',
      [
        { low: 3, high: 9 },
        { low: 1, high: 9 },
      ],
      true,
    ],
    [
      'a high one that has fallen',
      'min',
      [
        { low: 3, high: 9 },
        { low: 4, high: 8 },
      ],
      false,
    ],
    [
      'none where the bound is unknown',
      'max',
      [
        { low: 0.4, high: 0.6 },
        { low: null, high: 0.6 },
      ],
      false,
    ],
  ])('judges an estimate by its bounds: %s', (_, mode, estimates, stops) => {
    const { tell, heard } = connected(earlyStopping({ ...vsRandom, mode, patience: 1 }));

    for (const [index, winRate] of estimates.entries()) tell(requested(index + 1), completed(index + 1, { winRate }));

    expect(heard.length > 0).toBe(stops);
  });

  it.each<[string, unknown, string]>([
    [
      'a slip',
      { loss: 1 },
      '"lss" of epoch 1 is undefined, which is neither better nor against the patience; did you mean "loss"?',
    ],
    ['NaN', { lss: NaN }, '"lss" of epoch 1 is NaN, which is neither better nor against the patience'],
    [
      'an object',
      { lss: {} },
      '"lss" of epoch 1 is without a bound to judge it by, which is neither better nor against the patience',
    ],
  ])('tells once what it cannot judge: %s', (_, metrics, why) => {
    const { tell, published } = connected(earlyStopping({ metric: 'lss', patience: 1 }));

    tell(ended(1, metrics as Record<string, unknown>), ended(2, {}), ended(3, { lss: NaN }));

    expect(published).toEqual([{ type: 'sla:unmeasured', rule: 'earlyStopping(lss)', why }]);
  });

  it.each([null, undefined, 0.5, 'fine'])('takes a result that is no object for unmeasured: %j', (result) => {
    const { tell, heard, published } = connected(earlyStopping({ ...vsRandom, patience: 1 }));

    tell(requested(1), completed(1, result), requested(2), completed(2, result));

    expect(heard).toEqual([]);
    expect(published).toHaveLength(1);
  });

  // Elsewhere the patience begins anew when a run is resumed, so that one that is cut off every night never stops.
  describe('keeps its patience over a resume', () => {
    const losses = [9, 7, 8, 7, 1].map((loss, index) => ended(index + 1, { loss }));
    const rates = [0.5, 0.8, 0.7, 0.8, 0.9].flatMap((winRate, index) => [
      requested(index + 1),
      completed(index + 1, { winRate }),
    ]);

    it.each([
      ...losses.map((_, at) => ['epochs', at, losses, earlyStopping({ metric: 'loss', patience: 2 }), 3] as const),
      ...rates.map((_, at) => ['results', at, rates, earlyStopping(vsRandom), 7] as const),
    ])('%s, with %i events in the journal', (_, at, events, callback, stopsAt) => {
      const { tell, heard } = connected(callback, { history: events.slice(0, at) });
      const heardAfter = events.slice(at).map((event) => {
        tell(event);
        return heard.length;
      });

      expect(heardAfter.findIndex((count) => count > 0)).toBe(Math.max(stopsAt, at) - at);
      expect(heard[0]).toMatch(/has not been better than (7|0\.8), of epoch 2, for 2/);
    });
  });

  it('says nothing of a patience that history has exhausted and renewed', () => {
    const history = [9, 9, 9, 1].map((loss, index) => ended(index + 1, { loss }));
    const { tell, heard } = connected(earlyStopping({ metric: 'loss', patience: 2 }), { history });

    tell({ type: 'epoch:start', epoch: 5 }, ended(5, { loss: 1 }));

    expect(heard).toEqual([]);
  });

  it('gives up a result that was in flight when its host was lost', () => {
    const history = [
      requested(1),
      completed(1, { winRate: 0.5 }),
      requested(2),
      requested(3),
      completed(3, { winRate: 0.5 }),
    ];
    const { tell, heard } = connected(earlyStopping({ ...vsRandom }), { history });

    tell(requested(4), completed(4, { winRate: 0.5 }));

    expect(heard).toHaveLength(2);
  });

  it('asks for nothing once the training has ended', () => {
    const { tell, heard } = connected(earlyStopping({ ...vsRandom, patience: 1 }));

    tell(
      requested(1),
      completed(1, { winRate: 1 }),
      requested(2),
      { type: 'training:end' },
      completed(2, { winRate: 0 }),
    );

    expect(heard).toEqual(['|']);
  });

  it('may be registered late, and begins with the next epoch', async () => {
    const { trainer, register, run } = fakeTrainer([1, 5, 5, 5, 5].map((loss) => ({ metrics: { loss } })));
    trainer.events$.subscribe((event) => {
      if (event.type === 'epoch:end' && event.epoch === 1) register(earlyStopping({ metric: 'loss', patience: 2 }));
    });

    const { outcome } = await run();

    expect([outcome.epochs, outcome.reason]).toEqual([
      4,
      '"loss" has not been better than 5, of epoch 2, for 2 epochs',
    ]);
  });

  it('is named after what it watches, so that several can stand beside each other', () => {
    expect(earlyStopping({ metric: 'loss', patience: 1 }).name).toBe('earlyStopping(loss)');
    expect(earlyStopping(vsRandom).name).toBe('earlyStopping(vs-random.winRate)');
    expect(earlyStopping({ ...vsRandom, name: 'enough' }).name).toBe('enough');
  });

  it.each([
    [undefined, 'The options of earlyStopping must be an object, but undefined came'],
    [{ metric: '', patience: 1 }, '"metric" must be the name of a metric, but "" came'],
    [{ metric: 'loss' }, '"patience" must be a whole number from 1 on, but undefined came'],
    [{ metric: 'loss', patience: 0 }, '"patience" must be a whole number from 1 on, but 0 came'],
    [{ metric: 'loss', patience: 1.5 }, '"patience" must be a whole number from 1 on, but 1.5 came'],
    [{ metric: 'loss', patience: 1, mode: 'auto' }, `"mode" must be 'min' or 'max', but "auto" came`],
    [{ metric: 'loss', patience: 1, minDelta: -1 }, '"minDelta" must be a finite number from 0 on, but -1 came'],
    [{ metric: 'loss', patience: 1, on: 7 }, '"on" must be an evaluation, or the name of one, but 7 came'],
    [{ metric: 'loss', patience: 1, on: {} }, '"on" must be an evaluation, or the name of one, but an object came'],
    [{ metric: 'loss', patience: 1, name: ' ' }, '"name" must be a name, a string that is not empty, but " " came'],
    [
      { metric: 'loss', patiense: 1 },
      'The options of earlyStopping have an unknown key "patiense": did you mean "patience"?',
    ],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => earlyStopping(options as never)).toThrow(sentence);
  });
});
