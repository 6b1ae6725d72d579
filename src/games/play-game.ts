import { PitwallError } from '../errors/index.ts';
import { opponentOf, type Game, type GameResult } from './game.ts';
import type { Player } from './player.ts';
import type { Rng } from './rng.ts';

export interface PlayGameOptions {
  /** The chance of both players. */
  readonly rng: Rng;
  /** A game that goes on after so many moves is a draw, `max plies`; by default only the game's own rules end it. */
  readonly maxPlies?: number;
  /** Ends the game between two moves. */
  readonly signal?: AbortSignal;
}

/** A game that was played to its end. */
export interface PlayedGame<M> extends GameResult {
  readonly moves: readonly M[];
}

/**
 * Plays one game; `first` makes the first move.
 *
 * A move that is not legal loses the game, `illegal move`.
 *
 * @throws the signal's reason when it aborts, and what a player throws.
 *
 * @example
 * const game = await playGame(dobutsu, randomPlayer(), randomPlayer(), { rng: createRng(7) });
 * console.log(game.winner, game.ending, game.moves.length);
 */
export async function playGame<S, M>(
  game: Game<S, M>,
  first: Player<S, M>,
  second: Player<S, M>,
  { rng, maxPlies = Infinity, signal = new AbortController().signal }: PlayGameOptions,
): Promise<PlayedGame<M>> {
  const moves: M[] = [];
  let state = game.initial();
  for (;;) {
    signal.throwIfAborted();
    const result = game.result(state);
    if (result !== undefined) return { ...result, moves };
    if (moves.length >= maxPlies) return { winner: null, ending: 'max plies', moves };
    const side = game.turn(state);
    const legalMoves = game.legalMoves(state);
    if (legalMoves.length === 0) {
      throw new PitwallError('GAME_INVALID', `The game "${game.name}" gave no legal move and no result after ${moves.length} moves: its result() must say how it ended`); // prettier-ignore
    }
    const answer = (side === 'first' ? first : second).choose(state, { signal, rng, legalMoves });
    // A plain answer is taken as it is: a turn of the microtask queue for each move is most of what a quick game costs.
    const move = answer instanceof Promise ? await answer : answer;
    if (!legalMoves.includes(move)) return { winner: opponentOf(side), ending: 'illegal move', moves };
    moves.push(move);
    state = game.play(state, move);
  }
}
