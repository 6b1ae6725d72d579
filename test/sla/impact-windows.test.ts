import { describe, expect, it } from 'vitest';
import { ImpactWindows, type PairPlan, type WindowPair } from '../../src/sla/impact-windows.ts';

const plan: PairPlan = { onMs: 40, offMs: 20 };

/** Windows whose lengths are as planned, and of which the running one is first (`0.4`) or the paused one (`0.6`). */
function windows({
  first = 'on',
  planned = () => plan,
}: { first?: 'on' | 'off'; planned?: () => PairPlan | null } = {}) {
  const orders: string[] = [];
  const pairs: WindowPair[] = [];
  const chances: number[] = [];
  const windows = new ImpactWindows({
    random: () => {
      // Two for the lengths, one for the order.
      if (chances.length === 0) chances.push(0.5, 0.5, first === 'on' ? 0.4 : 0.6);
      return chances.shift()!;
    },
    plan: planned,
    pace: (paused, forMs) => orders.push(paused ? `pause ${forMs}` : 'go on'),
    onPair: (pair) => pairs.push(pair),
  });
  /** Steps of `ms` from one moment to another. */
  const steps = (fromMs: number, toMs: number, ms: number): void => {
    for (let at = fromMs; at + ms <= toMs + 1e-9; at += ms) windows.stepped(at, at + ms);
  };
  return { windows, orders, pairs, steps };
}

describe('windows over steps', () => {
  it('begin with a step, switch at a step’s end, and tell both speeds and apart the step of the switch', () => {
    const { windows: tried, orders, pairs, steps } = windows();

    steps(0, 10, 10);
    steps(10, 50, 10); // 40 ms of running
    expect(orders).toEqual([expect.stringMatching(/^pause /)]);
    steps(50, 60, 10);
    tried.paced(true, 50.4); // and 8 ms later the caches are warm again
    steps(60, 70, 5);
    expect(pairs).toEqual([]);
    steps(70, 75, 5);

    expect(pairs).toEqual([
      { on: { steps: 4, ms: 40 }, off: { steps: 3, ms: 15 }, edges: { steps: 1, ms: 10 }, ranMs: 40 },
    ]);
    expect(orders).toEqual([expect.stringMatching(/^pause /), 'go on']);
  });

  it('count the steps that were done before the switch was answered, if they lay behind it', () => {
    const { windows: tried, pairs, steps } = windows();

    steps(0, 50, 10);
    steps(50, 85, 5);
    tried.paced(true, 52);
    steps(85, 90, 5);

    expect(pairs).toEqual([
      { on: { steps: 4, ms: 40 }, off: { steps: 6, ms: 30 }, edges: { steps: 2, ms: 10 }, ranMs: 40 },
    ]);
  });

  it('begin paused where chance has it, and stay so where the next begins with that', () => {
    const { windows: tried, orders, steps } = windows({ first: 'off' });

    steps(0, 10, 10);
    expect(orders).toEqual([expect.stringMatching(/^pause /)]);
    tried.paced(true, 10);
    steps(10, 60, 10);
    expect(orders.slice(1)).toEqual(['go on']);
  });

  it.each([
    [false, ['pause', 'pause']],
    [true, ['pause', 'go on', 'pause']],
  ])('let go on what is paused before a pair that pauses others (%s)', (pausesOthers, expected) => {
    const orders: string[] = [];
    // The first pair ends paused, and the second begins so.
    const chances = [0.5, 0.5, 0.4, 0.5, 0.5, 0.6];
    let pairs = 0;
    const tried = new ImpactWindows({
      random: () => chances.shift() ?? 0.5,
      plan: () => ({ ...plan, pausesOthers: pausesOthers && pairs > 0 }),
      pace: (paused) => {
        orders.push(paused ? 'pause' : 'go on');
      },
      onPair: () => pairs++,
    });

    for (let at = 0; at < 90; at += 10) {
      tried.stepped(at, at + 10);
      if (at === 50) tried.paced(true, 51);
    }

    expect(pairs).toBe(1);
    expect(orders).toEqual(expected);
  });

  it('take three steps at least, and one where steps take seconds', () => {
    const short = windows();
    short.steps(0, 30, 30);
    short.steps(30, 90, 30);
    expect(short.orders).toEqual([]); // 60 ms, two steps
    short.steps(90, 120, 30);
    expect(short.orders).toHaveLength(1);

    const long = windows();
    long.steps(0, 5_000, 5_000);
    long.steps(5_000, 10_000, 5_000);
    expect(long.orders).toHaveLength(1);
    long.windows.paced(true, 10_000.5); // in the first moment of the next step
    long.steps(10_000, 15_000, 5_000);
    expect(long.pairs).toEqual([
      { on: { steps: 1, ms: 5_000 }, off: { steps: 1, ms: 5_000 }, edges: { steps: 0, ms: 0 }, ranMs: 5_000 },
    ]);
  });

  it('ask for a pause that ends by itself, after a minute at most or what long steps take', () => {
    const short = windows({ first: 'off' });
    short.steps(0, 2, 2);
    expect(short.orders).toEqual(['pause 156']); // twice 20 ms, eight steps, and 100 ms

    const long = windows({ first: 'off' });
    long.steps(0, 100_000, 100_000);
    expect(long.orders).toEqual(['pause 400020']); // of 20 ms and two steps, and of two more

    const slow = windows({ first: 'off', planned: () => ({ onMs: 10_000, offMs: 45_000 }) });
    slow.steps(0, 100, 100);
    expect(slow.orders).toEqual(['pause 60000']);
  });

  it('ask again where nobody answers: who should have may have ended meanwhile', () => {
    const { windows: tried, orders, pairs, steps } = windows();

    steps(0, 5_040, 10);
    expect(orders).toEqual([expect.stringMatching(/^pause /)]);
    steps(5_040, 5_120, 10);
    expect(orders.slice(1)).toEqual(['go on', expect.stringMatching(/^pause /)]);
    tried.paced(true, 5_120);
    steps(5_120, 5_160, 10);
    expect(pairs).toHaveLength(1);
  });

  it('drop the pair when the pause has ended by itself, and begin another', () => {
    const { windows: tried, orders, pairs, steps } = windows();

    steps(0, 50, 10);
    tried.paced(true, 50);
    tried.resumed();
    steps(300, 350, 10);
    expect(orders).toHaveLength(2);
    tried.paced(true, 350);
    steps(350, 400, 10);

    expect(pairs).toHaveLength(1);
  });

  it('let what is paused go on when they are dropped, and ask for nothing where it runs', () => {
    const { windows: tried, orders, steps } = windows();

    tried.drop();
    expect(orders).toEqual([]);
    steps(0, 50, 10);
    tried.drop();
    expect(orders).toEqual([expect.stringMatching(/^pause /), 'go on']);
    tried.paced(true, 60); // an answer that comes too late
    steps(60, 70, 10);
    expect(orders).toHaveLength(2);
  });

  it('measure nothing where nothing is planned', () => {
    const { orders, pairs, steps } = windows({ planned: () => null });

    steps(0, 10_000, 10);

    expect({ orders, pairs }).toEqual({ orders: [], pairs: [] });
  });

  it('are not thrown off by answers that nobody waits for', () => {
    const { windows: tried, pairs, steps } = windows();

    tried.paced(true, 0);
    tried.paced(false, 0);
    steps(0, 50, 10);
    tried.paced(false, 50); // of an order before
    steps(50, 100, 10);
    expect(pairs).toEqual([]);
    tried.paced(true, 50);
    steps(100, 110, 10);
    expect(pairs).toHaveLength(1);
  });
});
