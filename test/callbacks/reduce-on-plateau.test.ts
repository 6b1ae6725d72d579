import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluation, reduceOnPlateau, type ReduceOnPlateauOptions } from '../../src/callbacks/index.ts';
import { scaleTold } from '../../src/events/index.ts';
import { fakeExecutor, fakeTrainer } from '../../src/testing/index.ts';
import { completed, connected, ended, requested } from './connected.ts';

type Options = Partial<ReduceOnPlateauOptions>;

const onLoss = (options: Options = {}) => reduceOnPlateau({ metric: 'loss', patience: 2, factor: 0.5, ...options });

/** The scale after each of the epochs that end with these losses. */
function scalesAfter(losses: readonly unknown[], options: Options = {}): readonly number[] {
  const plateau = onLoss(options);
  const { tell } = connected(plateau);
  return losses.map((loss, index) => {
    tell(ended(index + 1, { loss }));
    return plateau.scale;
  });
}

describe('reduceOnPlateau', () => {
  it.each<[string, readonly unknown[], Options, readonly number[]]>([
    ['at the last epoch of its patience', [9, 7, 8, 7], {}, [1, 1, 1, 0.5]],
    ['not where the last is better', [9, 7, 8, 6], {}, [1, 1, 1, 1]],
    ['again after another patience', [9, 9, 9, 9, 9], {}, [1, 1, 0.5, 0.5, 0.25]],
    ['and remembers the best of before', [1, 9, 9, 8, 7, 0.5], {}, [1, 1, 0.5, 0.5, 0.25, 0.25]],
    ['with a patience of one', [9, 9, 8, 8], { patience: 1 }, [1, 0.5, 0.5, 0.25]],
    ['by a tenth unless told otherwise', [9, 9, 9], { factor: undefined }, [1, 1, 0.1]],
    ['of the larger as the better', [1, 3, 2, 3], { mode: 'max' }, [1, 1, 1, 0.5]],
    ['at a gain of exactly the least delta', [9, 8, 8], { minDelta: 1 }, [1, 1, 0.5]],
    ['not at a gain above it', [9, 7.9, 8], { minDelta: 1 }, [1, 1, 1]],
    ['not for what is unmeasured', [9, NaN, null, undefined, 'low', Infinity, 9, 9], {}, [1, 1, 1, 1, 1, 1, 1, 0.5]],
    ['later by the epochs of its cooldown', [9, 9, 9, 9, 9, 9], { cooldown: 1 }, [1, 1, 0.5, 0.5, 0.5, 0.25]],
    [
      'with what is better within the cooldown as the best',
      [9, 9, 9, 5, 8, 8],
      { cooldown: 1 },
      [1, 1, 0.5, 0.5, 0.5, 0.25],
    ],
    [
      'by unmeasured epochs no sooner after the cooldown',
      [9, 9, 9, NaN, 9, 9, 9],
      { cooldown: 1 },
      [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25],
    ],
    ['no further than to the least scale', [9, 9, 9, 9], { patience: 1, minScale: 0.3 }, [1, 0.5, 0.3, 0.3]],
    ['never where that is 1', [9, 9, 9], { patience: 1, minScale: 1 }, [1, 1, 1]],
  ])('reduces its scale %s', (_, losses, options, scales) => {
    expect(scalesAfter(losses, options)).toEqual(scales);
  });

  it('asks for each reduction of the learning rate, and says why', () => {
    const { tell, directives, published } = connected(onLoss({ patience: 1, minScale: 0.4 }));

    tell(...[9, 9, 9, 9].map((loss, index) => ended(index + 1, { loss })));

    const reason = '"loss" has not been better than 9, of epoch 1, for 1 epoch';
    expect(directives).toEqual([
      { kind: 'scale', name: 'learningRate', factor: 0.5, reason },
      { kind: 'scale', name: 'learningRate', factor: 0.8, reason },
    ]);
    expect(published).toEqual([]);
  });

  it('scales what it is told to', () => {
    const { tell, directives } = connected(onLoss({ patience: 1, scales: 'temperature' }));

    tell(ended(1, { loss: 1 }), ended(2, { loss: 1 }));

    expect(directives).toMatchObject([{ name: 'temperature', factor: 0.5 }]);
  });

  it('asks for its factor still where the scale has become too small for a number', () => {
    const { tell, directives } = connected(onLoss({ patience: 1, factor: 1e-200 }));

    tell(...[9, 9, 9].map((loss, index) => ended(index + 1, { loss })));

    expect(directives).toMatchObject([{ factor: 1e-200 }, { factor: 1e-200 }]);
  });

  it('is there for the epoch after the plateau, and emits its scale until the end of the run', async () => {
    const plateau = onLoss();
    const seen: unknown[] = [];
    plateau.scale$.subscribe({ next: (scale) => seen.push(scale), complete: () => seen.push('|') });
    const { trainer, register, run } = fakeTrainer([9, 9, 9, 1, 1].map((loss) => ({ metrics: { loss } })));
    register(plateau);
    const atStart: number[] = [];
    trainer.events$.subscribe(({ type }) => type === 'epoch:start' && atStart.push(plateau.scale));

    const { events } = await run();

    expect(atStart).toEqual([1, 1, 1, 0.5, 0.5]);
    expect(seen).toEqual([1, 0.5, '|']);
    expect(events.flatMap((event) => scaleTold(event) ?? [])).toMatchObject([
      { name: 'learningRate', factor: 0.5, scale: 0.5, callback: 'reduceOnPlateau(loss)' },
    ]);
  });

  it('judges the results of an evaluation, in the order of their requests', () => {
    const plateau = reduceOnPlateau({ on: 'vs-random', metric: 'winRate', patience: 2 });
    const { tell } = connected(plateau);

    tell(...[1, 2, 3].map(requested), completed(1, { winRate: 0.5 }), completed(3, { winRate: 0.4 }));
    expect(plateau.scale).toBe(1); // epoch 2 may yet be better

    tell(completed(2, { winRate: 0.4 }));
    expect(plateau.scale).toBe(0.1);
  });

  it('judges an estimate by the bound that promises least', () => {
    const plateau = reduceOnPlateau({ on: 'vs-random', metric: 'elo', patience: 1 });
    const { tell } = connected(plateau);

    tell(requested(1), completed(1, { elo: { low: -5, high: 10 } }));
    tell(requested(2), completed(2, { elo: { low: -4, high: 6 } }));
    expect(plateau.scale).toBe(1);

    tell(requested(3), completed(3, { elo: { low: -6, high: 20 } }));
    expect(plateau.scale).toBe(0.1);
  });

  it('tells once what it cannot judge', () => {
    const { tell, published } = connected(onLoss());

    tell(ended(1, { los: 1 }), ended(2, { loss: NaN }));

    expect(published).toEqual([
      {
        type: 'sla:unmeasured',
        rule: 'reduceOnPlateau(loss)',
        why: '"loss" of epoch 1 is undefined, which is neither better nor against the patience; did you mean "los"?',
      },
    ]);
  });

  // Elsewhere the patience, and with it the learning rate, begins anew when a run is resumed.
  it('has the same scale, and asks for what its journal does not tell, wherever a resumed run was cut', () => {
    const value = { name: 'learningRate', factor: 0.5, scale: 0.5, reason: 'r', callback: 'reduceOnPlateau(loss)' };
    const scaled = { type: 'custom', name: 'directive:scale', value } as const;
    const loss = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(NaN));
    const options = fc.record({
      patience: fc.integer({ min: 1, max: 3 }),
      cooldown: fc.integer({ min: 0, max: 2 }),
      minScale: fc.constantFrom(0, 0.2),
    });
    fc.assert(
      fc.property(
        fc.array(loss, { maxLength: 12 }),
        fc.nat(12),
        fc.nat(4),
        options,
        (losses, cut, toldOfBefore, rules) => {
          const whole = onLoss(rules);
          const wholeRun = connected(whole);
          const resumed = onLoss(rules);
          const events = losses.map((value, index) => ended(index + 1, { loss: value }));
          wholeRun.tell(...events.slice(0, cut));
          const before = wholeRun.directives.length;
          wholeRun.tell(...events.slice(cut));

          const told = Math.min(before, toldOfBefore);
          const ofBefore = Array.from({ length: told }, () => scaled);
          const resumedRun = connected(resumed, { history: [...events.slice(0, cut), ...ofBefore] });
          resumedRun.tell({ type: 'run:resume' }, ...events.slice(cut));

          expect(resumed.scale).toBe(whole.scale);
          expect(resumedRun.directives).toEqual(wholeRun.directives.slice(told));
        },
      ),
    );
  });

  it('begins anew in another run', () => {
    const plateau = onLoss({ patience: 1 });
    const first = connected(plateau);
    first.tell(ended(1, { loss: 1 }), ended(2, { loss: 1 }));
    first.complete();
    expect(plateau.scale).toBe(0.5);

    connected(plateau);
    expect(plateau.scale).toBe(1);
  });

  it('takes an evaluation and the names of its result', async () => {
    const { clock, register, run } = fakeTrainer(3);
    const executor = fakeExecutor<number, { winRate: number }>([{ atMs: 1, result: { winRate: 0.5 } }], { clock });
    const vsRandom = evaluation({ name: 'vs-random', every: 1, executor, input: ({ epoch }) => epoch });
    const plateau = reduceOnPlateau({ on: vsRandom, metric: 'winRate', patience: 1 });
    register(vsRandom);
    register(plateau);

    await run();

    expect(plateau.name).toBe('reduceOnPlateau(vs-random.winRate)');
    expect(plateau.scale).toBeCloseTo(0.01);
    // @ts-expect-error -- the result has no such field
    reduceOnPlateau({ on: vsRandom, metric: 'winrate', patience: 1 });
  });

  it.each([
    [{ metric: 'loss' }, '"patience" must be a whole number from 1 on, but undefined came'],
    [{ metric: 'loss', patience: 1, factor: 1 }, '"factor" must be a number above 0 and below 1, but 1 came'],
    [{ metric: 'loss', patience: 1, factor: 0 }, '"factor" must be a number above 0 and below 1, but 0 came'],
    [{ metric: 'loss', patience: 1, cooldown: -1 }, '"cooldown" must be a whole number from 0 on, but -1 came'],
    [{ metric: 'loss', patience: 1, scales: ' ' }, '"scales" must be the name of what is scaled, but " " came'],
    [{ metric: 'loss', patience: 1, minScale: 2 }, '"minScale" must be a number from 0 to 1, but 2 came'],
    [{ metric: 'loss', patience: 1, mode: 'auto' }, `"mode" must be 'min' or 'max', but "auto" came`],
    [{ metric: 'loss', patience: 1, minLr: 0 }, 'The options of reduceOnPlateau have an unknown key "minLr"'],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => reduceOnPlateau(options as never)).toThrow(sentence);
  });
});
