import { ConfigurationError, told } from '../errors/index.ts';
import type { Game } from './game.ts';
import type { Player } from './player.ts';

export interface MinimaxOptions<S> {
  /** How many moves it looks ahead, from 1. */
  readonly depth: number;
  /** What a state that has not ended is worth to the side that is to move there; 0 by default. Must stay within a million. */
  readonly evaluate?: (state: S) => number;
}

/** Above every evaluation; what is left of the depth is added, so that a quick win is better than a slow one. */
const won = 1e6;

/**
 * A player that looks `depth` moves ahead and takes a move that is best against the best replies; among equals it draws lots.
 * The search is alpha-beta (Knuth and Moore, 1975), in the form where each side maximises the negated value of the other.
 *
 * @throws {ConfigurationError} if `depth` is not a whole number from 1 on.
 *
 * @example
 * const player = minimaxPlayer(dobutsu, { depth: 2, evaluate: dobutsuMaterial });
 */
export function minimaxPlayer<S, M>(game: Game<S, M>, { depth, evaluate = () => 0 }: MinimaxOptions<S>): Player<S, M> {
  if (!Number.isInteger(depth) || depth < 1) {
    throw new ConfigurationError(`minimaxPlayer: "depth" must be a whole number from 1 on, but ${told(depth)} came`);
  }
  return {
    name: `minimax-${depth}`,
    choose: (state, { rng, legalMoves, signal }) => {
      let best: M[] = [];
      let bestValue = -Infinity;
      for (const move of legalMoves) {
        signal.throwIfAborted();
        // The window stays open by a hair below the best, so that an equal move is seen as equal and not as a bound.
        const value = -negamax(game, game.play(state, move), depth - 1, -Infinity, -bestValue + 1e-6, evaluate);
        if (value > bestValue) [best, bestValue] = [[move], value];
        else if (value === bestValue) best.push(move);
      }
      const chosen = best[Math.floor(rng() * best.length)];
      if (chosen === undefined) throw new RangeError('A player was asked to choose among no moves: end the game first');
      return chosen;
    },
  };
}

/** The value of the state to the side that is to move, exact where it lies between `alpha` and `beta`. */
function negamax<S, M>(
  game: Game<S, M>,
  state: S,
  depth: number,
  alpha: number,
  beta: number,
  evaluate: (state: S) => number,
): number {
  const result = game.result(state);
  if (result !== undefined) {
    if (result.winner === null) return 0;
    return result.winner === game.turn(state) ? won + depth : -won - depth;
  }
  if (depth === 0) return evaluate(state);
  let value = -Infinity;
  for (const move of game.legalMoves(state)) {
    value = Math.max(
      value,
      -negamax(game, game.play(state, move), depth - 1, -beta, -Math.max(alpha, value), evaluate),
    );
    if (value >= beta) break;
  }
  return value;
}
