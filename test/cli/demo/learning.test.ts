import { describe, expect, it } from 'vitest';
import { createFeatures, featureCount, writeFeatures } from '../../../src/cli/demo/features.ts';
import { createWeights, Network } from '../../../src/cli/demo/network.ts';
import { selfPlay } from '../../../src/cli/demo/self-play.ts';
import { playSeries, scoreOf } from '../../../src/cli/demo/series.ts';
import { networkPlayer, softmaxMove } from '../../../src/cli/demo/softmax-move.ts';
import { createRng, dobutsu, randomPlayer, type DobutsuState } from '../../../src/games/index.ts';

function featuresOf(state: DobutsuState): number[] {
  const features = createFeatures();
  writeFeatures(state, features);
  return [...features.indices.slice(0, features.count)];
}

/** Every position of some random games. */
function somePositions(games: number): DobutsuState[] {
  const rng = createRng(11);
  const positions: DobutsuState[] = [];
  for (let game = 0; game < games; game++) {
    let state = dobutsu.initial();
    for (let moves = dobutsu.legalMoves(state); moves.length > 0; moves = dobutsu.legalMoves(state)) {
      state = dobutsu.play(state, moves[Math.floor(rng() * moves.length)]!);
      positions.push(state);
    }
  }
  return positions;
}

describe('the features', () => {
  it('are one for each piece at the start', () => {
    expect(featuresOf(dobutsu.initial())).toHaveLength(8);
  });

  it('say the first and the second piece of a kind in hand', () => {
    const board = new Int8Array(18);
    board[12] = 2; // own chicks
    board[17] = 1; // the opponent's giraffe
    expect(featuresOf({ board, ply: 0 })).toEqual([120, 121, 130]);
  });

  it('stay in their range, few at a time, and tell positions apart', () => {
    const seen = new Map<string, string>();
    for (const state of somePositions(50)) {
      const features = featuresOf(state);
      expect(features.length).toBeLessThanOrEqual(16);
      expect(Math.max(...features)).toBeLessThan(featureCount);
      expect(new Set(features).size).toBe(features.length);
      const board = state.board.join();
      expect(seen.get(features.join()) ?? board).toBe(board);
      seen.set(features.join(), board);
    }
  });
});

describe('the network', () => {
  it('thinks nothing of any position before it has learned', () => {
    const network = new Network(createWeights(createRng(1)));
    expect(somePositions(3).every((state) => network.value(state) === 0)).toBe(true);
  });

  it('moves a value towards its target, and gives the value before', () => {
    const network = new Network(createWeights(createRng(1)));
    const state = dobutsu.initial();
    const before = network.value(state);
    expect(network.learn(state, 1, 0.01)).toBe(before);
    const after = network.value(state);
    expect(after).toBeGreaterThan(before);
    for (let time = 0; time < 500; time++) network.learn(state, 0.5, 0.05);
    expect(network.value(state)).toBeCloseTo(0.5, 2);
  });

  it('goes down the slope of the squared error', () => {
    const rng = createRng(4);
    const weights = createWeights(rng, 8);
    weights.output.forEach((_, unit) => (weights.output[unit] = rng() - 0.5));
    const state = somePositions(1)[5]!;
    const value = new Network(weights).value(state);
    const [target, rate, nudge] = [0.9, 1e-4, 1e-2];
    // The slope by differences: of half the squared error, with the tanh's slope as the network takes it.
    const slopeOf = (part: keyof typeof weights, index: number): number => {
      const at = (by: number): number => {
        const copy = structuredClone(weights);
        copy[part][index] = (copy[part][index] ?? 0) + by;
        return Math.atanh(new Network(copy).value(state));
      };
      return ((target - value) * (1 - value ** 2 + 0.05) * (at(nudge) - at(-nudge))) / (2 * nudge);
    };
    const learned = structuredClone(weights);
    new Network(learned).learn(state, target, rate);
    for (const part of ['hidden', 'hiddenBias', 'output', 'outputBias'] as const) {
      const changes = [...learned[part]].map((weight, index) => (weight - (weights[part][index] ?? 0)) / rate);
      expect(changes.some((change) => change !== 0)).toBe(true);
      changes.forEach((change, index) => {
        // Single precision: what was added to a weight is known to about 1e-8 / rate.
        if (index < 200) expect(Math.abs(change - slopeOf(part, index))).toBeLessThan(2e-3);
      });
    }
  });
});

describe('softmaxMove', () => {
  it('draws blindly from a network that knows nothing', () => {
    const network = new Network(createWeights(createRng(1)));
    const rng = createRng(2);
    const state = dobutsu.initial();
    const moves = dobutsu.legalMoves(state);
    const drawn = new Map<number, number>();
    for (let draw = 0; draw < 4000; draw++) {
      const move = softmaxMove(network, state, moves, 0.05, rng);
      drawn.set(move, (drawn.get(move) ?? 0) + 1);
    }
    expect(drawn.size).toBe(4);
    for (const count of drawn.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  it('prefers what leaves the opponent worse', () => {
    const network = new Network(createWeights(createRng(1)));
    const state = dobutsu.initial();
    const moves = dobutsu.legalMoves(state);
    const good = moves[2]!;
    for (let time = 0; time < 200; time++) {
      for (const move of moves) network.learn(dobutsu.play(state, move), move === good ? -0.8 : 0.8, 0.02);
    }
    const rng = createRng(2);
    const drawn = Array.from({ length: 50 }, () => softmaxMove(network, state, moves, 0.05, rng));
    expect(drawn.every((move) => move === good)).toBe(true);
  });
});

describe('self-play', () => {
  it('learns the same from the same seed, and something else from another', () => {
    const trained = [5, 5, 6].map((seed) => {
      const rng = createRng(seed);
      const network = new Network(createWeights(rng, 16));
      const told = [1, 2, 3].map(() => selfPlay(network, rng, { positions: 100 }));
      return { told, weights: network.weights };
    });
    expect(trained[0]).toEqual(trained[1]);
    expect(trained[0]?.weights).not.toEqual(trained[2]?.weights);
  });

  it('plays whole games until it has enough positions', () => {
    const rng = createRng(5);
    const played = selfPlay(new Network(createWeights(rng, 8)), rng, { positions: 100 });
    expect(played.positions).toBeGreaterThanOrEqual(100);
    expect(played.positions).toBeLessThan(100 + 151);
    expect(played.games).toBeGreaterThan(1);
  });

  it('beats a random player more often the longer it has learned', async () => {
    const rng = createRng(1);
    const network = new Network(createWeights(rng, 16));
    const winRate = async (): Promise<number> => {
      const score = await playSeries(networkPlayer(network), randomPlayer(), {
        games: 200,
        seed: 3,
        item: async (_name, play) => play(),
        signal: new AbortController().signal,
        told: () => undefined,
      });
      return score.winRate;
    };
    const before = await winRate();
    for (let step = 0; step < 50; step++) selfPlay(network, rng, { positions: 1000, rate: 3e-3 });
    expect(before).toBeLessThan(0.6);
    expect(await winRate()).toBeGreaterThan(0.85);
  });
});

describe('a series', () => {
  it('scores a draw as half, with the error of the mean', () => {
    expect(scoreOf({ wins: 3, draws: 2, losses: 3 })).toEqual({
      winRate: 0.5,
      standardError: Math.sqrt((3 / 8 + 2 / 32 - 1 / 4) / 8),
      wins: 3,
      draws: 2,
      losses: 3,
      games: 8,
    });
  });

  it('marks every game as an item, tells how it stands, and takes its games from both sides', async () => {
    const items: string[] = [];
    const games: number[] = [];
    const sides: string[] = [];
    const player = {
      ...randomPlayer<DobutsuState, number>(),
      choose: (state: DobutsuState, { legalMoves }: { legalMoves: readonly number[] }) => {
        if (state.ply < 2) sides.push(dobutsu.turn(state));
        return legalMoves[0]!;
      },
    };
    const score = await playSeries(player, randomPlayer(), {
      games: 40,
      label: 'test game',
      seed: 1,
      item: async (name, play) => {
        items.push(name);
        return play();
      },
      signal: new AbortController().signal,
      told: (score) => games.push(score.games),
    });
    expect(items).toHaveLength(40);
    expect(items[1]).toBe('test game 2');
    expect(games).toEqual([20, 40]);
    expect(sides).toEqual(Array.from({ length: 40 }, (_, game) => (game % 2 === 0 ? 'first' : 'second')));
    expect(score.games).toBe(40);
  });

  it('ends when it is asked to, between two games', async () => {
    const controller = new AbortController();
    const series = playSeries(randomPlayer(), randomPlayer(), {
      games: 1_000_000,
      seed: 1,
      item: async (_name, play) => play(),
      signal: controller.signal,
      told: ({ games }) => {
        if (games === 40) controller.abort(new Error('enough'));
      },
    });
    await expect(series).rejects.toThrow('enough');
  });
});
