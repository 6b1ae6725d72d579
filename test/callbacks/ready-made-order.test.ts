import { describe, expect, it } from 'vitest';
import {
  earlyStopping,
  evaluation,
  metricsHistory,
  reduceOnPlateau,
  stopAfter,
  terminateOnNaN,
} from '../../src/callbacks/index.ts';
import { fakeExecutor, fakeTrainer } from '../../src/testing/index.ts';

const kinds = [
  'evaluation',
  'earlyStopping',
  'metricsHistory',
  'terminateOnNaN',
  'stopAfter',
  'reduceOnPlateau',
] as const;
type Kind = (typeof kinds)[number];

/** Each of any two comes before the other in some of them. */
const orders: readonly (readonly Kind[])[] = kinds.flatMap((_, at) => {
  const turned = [...kinds.slice(at), ...kinds.slice(0, at)];
  return [turned, turned.toReversed()];
});

/** A training of ten epochs: its loss is NaN at `nanAt`, and the win rate is best in epoch 2. */
async function trained(
  order: readonly Kind[],
  { nanAt, afterMs }: { readonly nanAt: number; readonly afterMs: number },
) {
  const { clock, register, run } = fakeTrainer(
    Array.from({ length: 10 }, (_, index) => ({ stepMs: 100, metrics: { loss: index + 1 === nanAt ? NaN : 1 } })),
  );
  const rates = [0.5, 0.8, 0.7];
  const executor = fakeExecutor<number, { winRate: number }>(
    ({ input }) => [{ atMs: 150, result: { winRate: rates[input - 1] ?? 0 } }],
    { clock },
  );
  const vsRandom = evaluation({ name: 'vs-random', every: 1, overlap: 'queue', executor, input: ({ epoch }) => epoch });
  const history = metricsHistory();
  const plateau = reduceOnPlateau({ on: vsRandom, metric: 'winRate', patience: 1 });
  const callbacks = {
    evaluation: vsRandom,
    earlyStopping: earlyStopping({ on: vsRandom, metric: 'winRate', patience: 3 }),
    metricsHistory: history,
    terminateOnNaN: terminateOnNaN(),
    stopAfter: stopAfter({ afterMs }),
    reduceOnPlateau: plateau,
  };
  for (const kind of order) register(callbacks[kind]);
  const { outcome } = await run();
  const { status, reason, epochs, steps, evaluations } = outcome;
  return { status, reason, epochs, steps, evaluations, history: history.history, scale: plateau.scale };
}

// Elsewhere it matters which callback was registered first: one saves before another has judged, and handlers swallow each other.
describe('the order in which the ready-made callbacks are registered', () => {
  it.each([
    [
      'an early stop',
      { nanAt: 0, afterMs: 60_000 },
      /"winRate" of "vs-random" has not been better than 0.8, of epoch 2/,
    ],
    ['a stop for NaN', { nanAt: 6, afterMs: 60_000 }, /"loss" is NaN at the end of epoch 6, after step 6/],
    ['the end of its time', { nanAt: 0, afterMs: 550 }, /its time of 550 ms is over/],
  ])('changes nothing of %s', async (_, course, reason) => {
    const first = await trained(kinds, course);
    expect([first.status, first.reason]).toEqual(['stopped', expect.stringMatching(reason)]);

    for (const order of orders) expect(await trained(order, course), order.join(', ')).toEqual(first);
  });
});
