import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/games/index.ts';
import { ImpactInterval } from '../../src/sla/impact-interval.ts';
import type { WindowPair } from '../../src/sla/impact-windows.ts';
import { PairLoss } from '../../src/sla/pair-loss.ts';
import { simulate } from './impact-simulation.ts';
import { worlds } from './impact-worlds.ts';

const runs = 200;

/** Runs in which the interval, looked at after each pair for a minute, ever did not hold the truth. */
function missed(
  name: keyof typeof worlds,
  loss: number,
): { readonly misses: number; readonly means: readonly number[] } {
  let misses = 0;
  const means: number[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const world = worlds[name](seed * 7919, { loss });
    const interval = new ImpactInterval(0.05);
    const pairLoss = new PairLoss();
    let missesHere = 0;
    simulate(
      {
        seed,
        world: () => world,
        plan: (_nowMs, { longestMs }) => ({ onMs: 1_000, offMs: Math.min(1_000, Math.max(250, 3 * longestMs)) }),
        onPair: (pair) => {
          interval.add(pairLoss.of(pair) ?? NaN);
          const { estimate } = interval;
          if (estimate !== null && (estimate.low > loss || estimate.high < loss)) missesHere++;
        },
      },
      60_000,
    );
    if (missesHere > 0) misses++;
    means.push(interval.estimate?.mean ?? NaN);
  }
  return { misses, means };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

describe('the interval of the impact', () => {
  describe.each(Object.keys(worlds) as (keyof typeof worlds)[])('in a world that is %s', (name) => {
    it.each([0, 0.03, 0.1, 0.4])(
      `holds a truth of %d in 95 of 100 runs at least, looked at all the time, and its middle is there`,
      (loss) => {
        const { misses, means } = missed(name, loss);

        expect(misses).toBeLessThanOrEqual(0.05 * runs);
        expect(Math.abs(median(means) - loss)).toBeLessThan(0.02 + 0.05 * loss);
      },
    );
  });

  it('tells nothing before eight values, and narrows with each', () => {
    const interval = new ImpactInterval(0.05);
    for (let count = 1; count <= 7; count++) interval.add(0.1);
    expect(interval.estimate).toBeNull();

    interval.add(0.1);
    const first = interval.estimate!;
    for (let count = 9; count <= 60; count++) interval.add(0.1);
    const later = interval.estimate!;

    expect(first).toMatchObject({ pairs: 8 });
    expect(first.mean).toBeCloseTo(0.1, 12);
    // By hand: s = sqrt(0.0625 / 7), rho2 = (-2 ln 0.05 + ln(-2 ln 0.05 + 1)) / 60.
    expect(first.high - first.mean).toBeCloseTo(0.1207, 3);
    expect(first.mean - first.low).toBeCloseTo(first.high - first.mean, 12);
    expect(later.high - later.low).toBeLessThan((first.high - first.low) / 5);
  });

  it('begins anew after clear', () => {
    const interval = new ImpactInterval(0.05);
    for (let count = 0; count < 20; count++) interval.add(1);
    interval.clear();
    for (let count = 0; count < 8; count++) interval.add(0);

    expect(interval.estimate).toMatchObject({ mean: 0, pairs: 8 });
  });

  it('misses more often where it is made for that: so the rate that it is held to can fail', () => {
    const random = createRng(5);
    let misses = 0;
    for (let run = 0; run < 400; run++) {
      const interval = new ImpactInterval(0.9);
      let isMissed = false;
      for (let pair = 0; pair < 200; pair++) {
        interval.add((random() - 0.5) * 4);
        const { estimate } = interval;
        isMissed ||= estimate !== null && (estimate.low > 0 || estimate.high < 0);
      }
      if (isMissed) misses++;
    }
    expect(misses).toBeGreaterThan(40);
  });
});

describe('the loss of a pair', () => {
  const stepped = (steps: number, ms: number) => ({ steps, ms });
  const edges = stepped(0, 0);
  const lossOf = (pair: Pick<WindowPair, 'on' | 'off'>, pairs = new PairLoss()) =>
    pairs.of({ ...pair, edges, ranMs: 0 });

  it.each([
    ['as fast', stepped(400, 1_000), 0],
    ['a tenth slower', stepped(360, 1_000), 0.1],
    ['twice as slow', stepped(200, 1_000), 0.5],
    ['faster by chance', stepped(420, 1_000), -0.05],
  ])('is the difference of the speeds by that while paused: %s', (_, on, loss) => {
    expect(lossOf({ on, off: stepped(100, 250) })).toBeCloseTo(loss, 12);
  });

  it('counts a window that a long step has made longer by its length', () => {
    const pairs = new PairLoss();
    const usual = { on: stepped(400, 1_000), off: stepped(100, 250) };
    for (let count = 0; count < 50; count++) lossOf(usual, pairs);

    // A step of 330 ms among those of 2.5: (0.4 * 1 330 - 400) / (0.4 * 1 000) of a usual window's steps are missing.
    expect(lossOf({ on: stepped(400, 1_330), off: usual.off }, pairs)).toBeCloseTo(0.33, 2);
  });

  it.each([
    ['while it ran', stepped(3, 0), stepped(100, 250)],
    ['while it was paused', stepped(3, 1), stepped(3, 0)],
  ])('cannot be told where steps took no time %s, and spoils nothing that comes after', (_, on, off) => {
    const pairs = new PairLoss();

    expect(lossOf({ on, off }, pairs)).toBeNull();
    expect(lossOf({ on: stepped(200, 1_000), off: stepped(100, 250) }, pairs)).toBeCloseTo(0.5, 12);
  });

  it('counts what the switches cost for an evaluation that is switched all the time, and only for that', () => {
    // In 24 ms of running 6 of 12 steps are missing, and in 16 ms around the switches 6 of 8: 24 ms of 240.
    const pair = { on: stepped(6, 24), off: stepped(100, 200), edges: stepped(2, 16), ranMs: 0 };

    expect(new PairLoss().of(pair)).toBeCloseTo(0.5, 12);
    expect(new PairLoss().of(pair, 0.2)).toBeCloseTo(0.5, 12); // 0.2 * 0.5 is a tenth
    expect(new PairLoss().of(pair, 0.1)).toBeCloseTo(1, 12);
  });

  it('takes no more than twice the speed from one pair', () => {
    expect(lossOf({ on: stepped(3, 3_600_000), off: stepped(100, 250) })).toBeLessThanOrEqual(2);
  });
});
