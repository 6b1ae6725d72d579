import { describe, expect, it } from 'vitest';
import {
  createRng,
  dobutsu,
  dobutsuMaterial,
  minimaxPlayer,
  opponentOf,
  playGame,
  randomPlayer,
  type DobutsuMove,
  type DobutsuState,
  type Game,
  type Player,
} from '../../src/games/index.ts';

const signal = new AbortController().signal;

/** Take one, two or three; who takes the last wins. */
const nim: Game<{ readonly left: number; readonly ply: number }, number> = {
  name: 'nim',
  initial: () => ({ left: 10, ply: 0 }),
  turn: ({ ply }) => (ply % 2 === 0 ? 'first' : 'second'),
  legalMoves: ({ left }) => [1, 2, 3].filter((take) => take <= left),
  play: ({ left, ply }, take) => ({ left: left - take, ply: ply + 1 }),
  result: (state) => (state.left === 0 ? { winner: opponentOf(nim.turn(state)), ending: 'last taken' } : undefined),
  notation: (_state, take) => `-${take}`,
};

describe('randomPlayer', () => {
  it('takes every legal move at some time, and no other', async () => {
    const rng = createRng(1);
    const player = randomPlayer<null, string>();
    const taken = new Set<string>();
    for (let turn = 0; turn < 200; turn++) {
      taken.add(await player.choose(null, { signal, rng, legalMoves: ['a', 'b', 'c'] }));
    }
    expect([...taken].sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('minimaxPlayer', () => {
  it('leaves its opponent a multiple of four as soon as it sees far enough', async () => {
    const state = { left: 7, ply: 0 };
    const player = minimaxPlayer(nim, { depth: 4 });
    for (let seed = 0; seed < 20; seed++) {
      const chosen = await player.choose(state, { signal, rng: createRng(seed), legalMoves: nim.legalMoves(state) });
      expect(chosen).toBe(3);
    }
  });

  it('draws lots among equal moves', async () => {
    const state = { left: 8, ply: 0 };
    const player = minimaxPlayer(nim, { depth: 2 });
    const chosen = new Set<number>();
    for (let seed = 0; seed < 30; seed++) {
      chosen.add(await player.choose(state, { signal, rng: createRng(seed), legalMoves: [1, 2, 3] }));
    }
    expect(chosen.size).toBe(3);
  });

  it('takes the quick win', async () => {
    const state = { left: 3, ply: 0 };
    const player = minimaxPlayer(nim, { depth: 5 });
    const chosen = await player.choose(state, { signal, rng: createRng(1), legalMoves: nim.legalMoves(state) });
    expect(chosen).toBe(3);
  });

  it('values the states at its horizon by what it was given', async () => {
    const state = { left: 10, ply: 0 };
    const player = minimaxPlayer(nim, { depth: 1, evaluate: ({ left }) => (left === 8 ? -1 : 0) });
    const chosen = await player.choose(state, { signal, rng: createRng(1), legalMoves: nim.legalMoves(state) });
    expect(chosen).toBe(2);
  });

  it('agrees with a search that cuts nothing off', async () => {
    const rng = createRng(5);
    for (let round = 0; round < 40; round++) {
      let state = dobutsu.initial();
      for (let ply = 0; ply < 4 + (round % 8) && dobutsu.legalMoves(state).length > 0; ply++) {
        const moves = dobutsu.legalMoves(state);
        state = dobutsu.play(state, moves[Math.floor(rng() * moves.length)]!);
      }
      const legalMoves = dobutsu.legalMoves(state);
      if (legalMoves.length === 0) continue;
      const values = legalMoves.map((move) => -plainValue(dobutsu.play(state, move), 2));
      const best = new Set(legalMoves.filter((_, index) => values[index] === Math.max(...values)));
      const chosen = new Set<DobutsuMove>();
      const player = minimaxPlayer(dobutsu, { depth: 3, evaluate: dobutsuMaterial });
      for (let seed = 0; seed < 60; seed++) {
        chosen.add(await player.choose(state, { signal, rng: createRng(seed), legalMoves }));
      }
      expect([...chosen].sort()).toEqual([...best].sort());
    }
  });

  it.each([0, -1, 1.5, NaN])('refuses the depth %s', (depth) => {
    expect(() => minimaxPlayer(nim, { depth })).toThrow(/"depth" must be a whole number from 1 on, but .* came/);
  });
});

describe('playGame', () => {
  it('plays to the end by the rules, and tells the moves', async () => {
    const played = await playGame(dobutsu, randomPlayer(), randomPlayer(), { rng: createRng(3) });
    const end = played.moves.reduce<DobutsuState>((state, move) => dobutsu.play(state, move), dobutsu.initial());
    expect(dobutsu.result(end)).toEqual({ winner: played.winner, ending: played.ending });
  });

  it('plays the same game again from the same seed', async () => {
    const players = [randomPlayer<DobutsuState, DobutsuMove>(), minimaxPlayer(dobutsu, { depth: 1 })] as const;
    const games = [createRng(9), createRng(9)].map((rng) => playGame(dobutsu, ...players, { rng }));
    const [one, other] = await Promise.all(games);
    expect(one).toEqual(other);
  });

  it('asks the players in turn, and waits for the slow one', async () => {
    const asked: string[] = [];
    const player = (name: string): Player<{ left: number; ply: number }, number> => ({
      name,
      choose: async () => {
        await Promise.resolve();
        asked.push(name);
        return 3;
      },
    });
    const played = await playGame(nim, player('a'), player('b'), { rng: createRng(1), maxPlies: 3 });
    expect(asked).toEqual(['a', 'b', 'a']);
    expect(played).toEqual({ winner: null, ending: 'max plies', moves: [3, 3, 3] });
  });

  it('counts an illegal move as lost', async () => {
    const cheat: Player<{ left: number; ply: number }, number> = { name: 'cheat', choose: () => 4 };
    const played = await playGame(nim, cheat, randomPlayer(), { rng: createRng(1) });
    expect(played).toEqual({ winner: 'second', ending: 'illegal move', moves: [] });
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const stopping: Player<{ left: number; ply: number }, number> = {
      name: 'stopping',
      choose: () => {
        controller.abort(new Error('enough'));
        return 1;
      },
    };
    const game = playGame(nim, stopping, stopping, { rng: createRng(1), signal: controller.signal });
    await expect(game).rejects.toThrow('enough');
  });

  it('gives on what a player throws', async () => {
    const broken: Player<{ left: number; ply: number }, number> = {
      name: 'broken',
      choose: () => {
        throw new Error('no idea');
      },
    };
    await expect(playGame(nim, randomPlayer(), broken, { rng: createRng(1) })).rejects.toThrow('no idea');
  });

  it('says that a game without moves must have a result', async () => {
    const endless = { ...nim, legalMoves: () => [] };
    await expect(playGame(endless, randomPlayer(), randomPlayer(), { rng: createRng(1) })).rejects.toThrow(
      'its result() must say how it ended',
    );
  });
});

/** Negamax without cut-offs, as the textbook has it. */
function plainValue(state: DobutsuState, depth: number): number {
  const result = dobutsu.result(state);
  if (result !== undefined) {
    if (result.winner === null) return 0;
    return result.winner === dobutsu.turn(state) ? 1e6 + depth : -1e6 - depth;
  }
  if (depth === 0) return dobutsuMaterial(state);
  return Math.max(...dobutsu.legalMoves(state).map((move) => -plainValue(dobutsu.play(state, move), depth - 1)));
}
