import { concat, filter, map, NEVER, Observable, of as emits } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defineCallback, reduceOnPlateau, scale, stop, type Directive } from '../../src/callbacks/index.ts';
import { scaleTold, type RunEvent } from '../../src/events/index.ts';
import { fakeTrainer } from '../../src/testing/index.ts';
import { testRun } from './test-run.ts';

/** Gives a directive at each event of a type. */
function atEach(type: RunEvent['type'], directive: unknown, name = 'decay') {
  return defineCallback(name, (run) =>
    run.events$.pipe(
      filter((event) => event.type === type),
      map(() => directive as Directive),
    ),
  );
}

const toldIn = (events: readonly RunEvent[]) => events.flatMap((event) => scaleTold(event) ?? []);

describe('a scale directive', () => {
  it('is told as an event, and holds for the training from then on', async () => {
    const { trainer, events } = testRun({ epochs: 3 });
    trainer.register(atEach('epoch:end', scale('learningRate', 0.5, 'an epoch is over')));
    const scales: number[] = [];

    await trainer.fit(({ scaleOf }) => {
      scales.push(scaleOf('learningRate'));
    });

    expect(scales).toEqual([1, 0.5, 0.25]);
    const cause = events.find(({ type }) => type === 'epoch:end') as { readonly seq: number };
    expect(events.find(({ type }) => type === 'custom')).toMatchObject({
      name: 'directive:scale',
      value: {
        name: 'learningRate',
        factor: 0.5,
        scale: 0.5,
        reason: 'an epoch is over',
        callback: 'decay',
        causedBySeq: cause.seq,
      },
    });
    expect(toldIn(events).map((told) => told.scale)).toEqual([0.5, 0.25, 0.125]);
  });

  it('holds for a loop of its own too, and is 1 for what nobody scales', async () => {
    const { trainer } = testRun();
    trainer.register(atEach('run:start', scale('learningRate', 3)));

    const session = trainer.open();

    expect([session.scaleOf('learningRate'), session.scaleOf('temperature')]).toEqual([3, 1]);
    await session.end();
  });

  it('multiplies with those of other callbacks, and names are apart', async () => {
    const { trainer, events } = testRun();
    trainer.register(atEach('run:start', scale('learningRate', 0.5), 'one'));
    trainer.register(atEach('run:start', scale('learningRate', 0.5), 'other'));
    trainer.register(atEach('run:start', scale('temperature', 2), 'third'));
    const session = trainer.open();

    expect([session.scaleOf('learningRate'), session.scaleOf('temperature')]).toEqual([0.25, 2]);
    expect(toldIn(events).map((told) => [told.callback, told.name, told.scale])).toEqual([
      ['one', 'learningRate', 0.5],
      ['other', 'learningRate', 0.25],
      ['third', 'temperature', 2],
    ]);
    await session.end();
  });

  it('is told after run:start where it is given before that', async () => {
    const { trainer, types } = testRun();
    trainer.register(defineCallback('early', () => concat(emits(scale('learningRate', 0.1)), NEVER)));
    const scales: number[] = [];

    await trainer.fit((epoch) => void scales.push(epoch.scaleOf('learningRate')));

    expect(types().slice(0, 2)).toEqual(['run:start', 'custom']);
    expect(scales).toEqual([0.1]);
  });

  it.each([
    ['after the end of the training', 'training:end' as const],
    ['after the end of the run', 'run:end' as const],
  ])('is ignored %s', async (_, type) => {
    const { trainer, events, of } = testRun();
    trainer.register(atEach(type, scale('learningRate', 0.5)));
    let scaleOf = (_name: string): number => 0;

    await trainer.fit((epoch) => {
      ({ scaleOf } = epoch);
    });

    expect(toldIn(events)).toEqual([]);
    expect(scaleOf('learningRate')).toBe(1);
    expect(of('callback:error')).toEqual([]);
  });

  it('keeps a product that is too small or too large for a number one that can be brought back', async () => {
    const { trainer } = testRun();
    const factors = [1e-200, 1e-200].map((factor) => scale('small', factor));
    const others = [1e200, 1e200].map((factor) => scale('large', factor));
    trainer.register(defineCallback('extreme', () => concat(emits(...factors, ...others), NEVER)));
    const session = trainer.open();

    expect([session.scaleOf('small'), session.scaleOf('large')]).toEqual([Number.MIN_VALUE, Number.MAX_VALUE]);
    await session.end();
  });

  it('ends a callback that answers its own with another', async () => {
    const { trainer, events, of } = testRun();
    trainer.register(
      defineCallback('endless', (run) =>
        run.events$.pipe(
          filter(({ type }) => type === 'run:start' || type === 'custom'),
          map(() => scale('learningRate', 0.999)),
        ),
      ),
    );

    expect(await trainer.fit(() => undefined)).toMatchObject({ status: 'completed' });
    expect(of('callback:error')).toMatchObject([{ callback: 'endless', error: { code: 'EMISSION_FLOOD' } }]);
    expect(toldIn(events)).toHaveLength(1_000);
  });

  it('is none of the training where its maker has written it by hand and wrong', async () => {
    const { trainer, of } = testRun();
    trainer.register(atEach('run:start', { kind: 'scale', name: 'learningRate', factor: 0, reason: '' }));
    const session = trainer.open();

    expect(session.scaleOf('learningRate')).toBe(1);
    expect(of('callback:error')).toMatchObject([{ callback: 'decay', error: { code: 'INVALID_DIRECTIVE' } }]);
    await session.end();
  });

  it('stands beside a stop of the same callback', async () => {
    const { trainer, events } = testRun({ epochs: 2 });
    const directives = [scale('learningRate', 0.5), stop('enough')];
    trainer.register(
      defineCallback(
        'both',
        (run) =>
          new Observable<Directive>((subscriber) =>
            run.events$.subscribe(({ type }) => {
              if (type === 'epoch:end') for (const directive of directives) subscriber.next(directive);
            }),
          ),
      ),
    );

    expect(await trainer.fit(() => undefined)).toMatchObject({ status: 'stopped', reason: 'enough', epochs: 1 });
    expect(toldIn(events)).toMatchObject([{ scale: 0.5 }]);
  });

  it('of two plateaus is the product, whatever the order of their registration', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { trainer, register, run } = fakeTrainer(Array.from({ length: 5 }, () => ({ metrics: { loss: 1 } })));
      const plateaus = [1, 2].map((patience) =>
        reduceOnPlateau({ metric: 'loss', patience, factor: 0.5, name: `patience ${patience}` }),
      );
      for (const at of order) register(plateaus[at]!);
      const products: number[] = [];
      trainer.events$.subscribe((event) => products.push(...toldIn([event]).map((told) => told.scale)));

      await run();

      expect(plateaus.map((plateau) => plateau.scale)).toEqual([0.5 ** 4, 0.5 ** 2]);
      expect(products.at(-1)).toBe(0.5 ** 6);
    }
  });
});

describe('what is wrong with a scale is said in one sentence', () => {
  it.each<[readonly unknown[], string]>([
    [['', 0.5], 'must get the name of what is scaled, a string that is not empty, but "" came.'],
    [[7, 0.5], 'must get the name of what is scaled, a string that is not empty, but 7 came.'],
    [['learningRate', 0], 'must get a factor for "learningRate" that is finite and above 0, but 0 came.'],
    [['learningRate', -1], 'that is finite and above 0, but -1 came.'],
    [['learningRate', NaN], 'that is finite and above 0, but NaN came.'],
    [['learningRate', Infinity], 'that is finite and above 0, but Infinity came.'],
    [['learningRate', '0.5'], 'that is finite and above 0, but "0.5" came.'],
    [['learningRate'], 'that is finite and above 0, but undefined came.'],
    [['learningRate', 0.5, 7], 'must get a sentence that the event will tell as its reason, but 7 came.'],
  ])('scale(…%j)', (given, sentence) => {
    expect(() => scale(...(given as [string, number]))).toThrow(sentence);
  });

  it('and with the name that is read', async () => {
    const { trainer } = testRun();
    const session = trainer.open();

    expect(() => session.scaleOf('')).toThrow('scaleOf(name) must get the name');
    await session.end();
  });

  it('and with an event that would pass for one', async () => {
    const { trainer, of } = testRun();
    trainer.register(
      defineCallback('forger', (run) => {
        run.emit({ name: 'directive:scale', value: { name: 'learningRate', factor: 0.1 } });
      }),
    );
    await trainer.fit(() => undefined);

    expect(of('callback:error')).toMatchObject([
      {
        error: {
          message: expect.stringContaining('the trainer tells it for who emits scale(name, factor, reason)') as string,
        },
      },
    ]);
  });
});
