import { describe, expect, it } from 'vitest';
import { evaluation, metricsHistory, type MetricsRow } from '../../src/callbacks/index.ts';
import { fakeExecutor, fakeTrainer } from '../../src/testing/index.ts';
import { completed, connected, ended, requested } from './connected.ts';

const epochs = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ steps: 2, stepMs: 50, metrics: { loss: 1 / (index + 1) } }));

const ofEpoch = ({ epoch }: MetricsRow): number => epoch;

describe('metricsHistory', () => {
  it('has a row for each epoch, with its step and its metrics', async () => {
    const history = metricsHistory();
    const { register, run } = fakeTrainer(epochs(3));
    register(history);
    expect(history.history).toEqual([]);

    await run();

    expect(history.history).toEqual([
      { epoch: 1, step: 2, metrics: { loss: 1 }, results: [] },
      { epoch: 2, step: 4, metrics: { loss: 1 / 2 }, results: [] },
      { epoch: 3, step: 6, metrics: { loss: 1 / 3 }, results: [] },
    ]);
  });

  // Elsewhere a late result is logged at the step at which it comes.
  it('has a result under the epoch that it is of, also when it comes epochs later', async () => {
    const history = metricsHistory();
    const { clock, register, run } = fakeTrainer(epochs(4));
    const executor = fakeExecutor<number, { winRate: number }>(
      ({ input }) => [{ atMs: 250, result: { winRate: input / 10 } }],
      { clock },
    );
    register(history);
    register(evaluation({ name: 'vs-random', every: 1, overlap: 'queue', executor, input: ({ epoch }) => epoch }));

    await run();

    expect(history.history.map(({ epoch, results }) => [epoch, results])).toEqual(
      [1, 2, 3, 4].map((epoch) => [epoch, [{ name: 'vs-random', step: epoch * 2, result: { winRate: epoch / 10 } }]]),
    );
  });

  it('has a result before its epoch has ended, and of one that never does', () => {
    const history = metricsHistory();
    const { tell } = connected(history, { step: 30 });

    tell(completed(2, 'early'), { ...ended(2), interrupted: true });
    expect(history.history).toEqual([
      { epoch: 2, step: 20, metrics: undefined, results: [{ name: 'vs-random', step: 20, result: 'early' }] },
    ]);

    tell(ended(1, { loss: 1 }), ended(2, { loss: 2 }));
    expect(history.history.map(({ epoch, metrics, results }) => [epoch, metrics, results.length])).toEqual([
      [1, { loss: 1 }, 0],
      [2, { loss: 2 }, 1],
    ]);
  });

  it('has no results of evaluations that did not complete', () => {
    const history = metricsHistory();
    const { tell } = connected(history);

    tell(ended(1), ...(['violated', 'failed', 'cancelled'] as const).map((status) => ({ ...completed(1, 1), status })));

    expect(history.history).toMatchObject([{ epoch: 1, results: [] }]);
  });

  it('emits the rows now and at each change, and never changes what it has given', () => {
    const history = metricsHistory();
    const seen: (readonly MetricsRow[])[] = [];
    history.history$.subscribe((rows) => seen.push(rows));
    const { tell } = connected(history);

    tell(ended(1), { type: 'epoch:start', epoch: 2 }, ended(2), requested(1), completed(1, 5));

    expect(seen.map((rows) => rows.map(({ epoch, results }) => [epoch, results.length]))).toEqual([
      [],
      [[1, 0]],
      [
        [1, 0],
        [2, 0],
      ],
      [
        [1, 1],
        [2, 0],
      ],
    ]);
    expect(seen.at(-1)).toBe(history.history);
  });

  it.each([
    [2, 2, [1, 2], 0],
    [3, 2, [2, 3], 1],
    [5, 2, [4, 5], 3],
  ])('of %i epochs keeps %i, and tells at the end what had no room', (count, keep, kept, dropped) => {
    const history = metricsHistory({ keep });
    const { tell, published } = connected(history);

    for (let epoch = 1; epoch <= count; epoch++) tell(ended(epoch));
    expect([history.history.map(ofEpoch), history.dropped]).toEqual([kept, dropped]);

    tell({ type: 'run:end' });
    expect(published).toEqual(
      dropped === 0 ? [] : [{ type: 'dropped', what: 'rows of "metricsHistory"', count: dropped }],
    );
  });

  it('counts a result of an epoch that has left, and results that a row has no room for', () => {
    const history = metricsHistory({ keep: 2 });
    const { tell } = connected(history);

    tell(ended(1), ended(2), ended(3), completed(1, 'late'));
    expect([history.history.map(ofEpoch), history.dropped]).toEqual([[2, 3], 2]);

    tell(completed(3, 'a'), completed(3, 'b'), completed(3, 'c'));
    expect(history.history.at(-1)?.results.map(({ result }) => result)).toEqual(['b', 'c']);
    expect(history.dropped).toBe(3);
  });

  it('has the rows of before a resume, wherever the run was cut', () => {
    const summary = (step: number) => ({ type: 'step:summary', epoch: 1, step }) as const;
    const events = [
      summary(10),
      ended(1, { loss: 1 }),
      requested(1),
      summary(20),
      ended(2, { loss: 2 }),
      completed(1, 0.5),
    ];
    const rows = events.map((_, at) => {
      const history = metricsHistory();
      const { tell } = connected(history, { history: events.slice(0, at), step: 20 });
      tell(...events.slice(at));
      return history.history.map(({ epoch, metrics, results }) => [epoch, metrics, results]);
    });

    expect(new Set(rows.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(rows[0]).toEqual([
      [1, { loss: 1 }, [{ name: 'vs-random', step: 10, result: 0.5 }]],
      [2, { loss: 2 }, []],
    ]);
  });

  it.each(['the end of the run', 'an unregistration'])('completes with %s, and keeps its rows', (end) => {
    const history = metricsHistory();
    const told: string[] = [];
    history.history$.subscribe({ next: (rows) => told.push(`${rows.length}`), complete: () => told.push('|') });
    const run = connected(history);

    run.tell(ended(1));
    if (end === 'the end of the run') run.complete();
    else run.unregister();

    expect(told).toEqual(['0', '1', '|']);
    expect(history.history).toHaveLength(1);
    expect(run.isListenedTo).toBe(false);
  });

  it('begins anew in another run', () => {
    const history = metricsHistory();
    const first = connected(history);
    first.tell(ended(1), ended(2));
    first.complete();

    connected(history).tell(ended(7));

    expect(history.history.map(ofEpoch)).toEqual([7]);
  });

  it('may be registered late, and tells the steps of the whole run', async () => {
    const history = metricsHistory();
    const { trainer, register, run } = fakeTrainer(epochs(3));
    trainer.events$.subscribe((event) => {
      if (event.type === 'epoch:end' && event.epoch === 1) register(history);
    });

    await run();

    expect(history.history.map(({ epoch, step }) => [epoch, step])).toEqual([
      [2, 4],
      [3, 6],
    ]);
  });

  it.each([
    [7, 'The options of metricsHistory must be an object, but 7 came'],
    [{ keep: 0 }, '"keep" must be a whole number of rows, from 1 on, but 0 came'],
    [{ name: 7 }, '"name" must be a name, a string that is not empty, but 7 came'],
    [{ keeps: 5 }, 'The options of metricsHistory have an unknown key "keeps": did you mean "keep"?'],
  ])('says in one sentence what is wrong with %j', (options, sentence) => {
    expect(() => metricsHistory(options as never)).toThrow(sentence);
  });
});
