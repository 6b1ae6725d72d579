/** Who of the two: the one that makes the game's first move, or the other. */
export type Side = 'first' | 'second';

/** How a game ended. */
export interface GameResult {
  /** `null` is a draw. */
  readonly winner: Side | null;
  /** The rule that ended it, in the game's own words: `lion captured`, `try`, `max plies`, … */
  readonly ending: string;
}

/**
 * A game of two sides that move in turn, with nothing hidden and nothing left to chance.
 *
 * States and moves are values: no function here changes what it is given.
 */
export interface Game<S, M> {
  readonly name: string;
  /** The state before the first move. */
  initial(): S;
  /** Whose turn it is. */
  turn(state: S): Side;
  /** Every move of the side to move, in an order that is always the same; empty once the game has ended. */
  legalMoves(state: S): readonly M[];
  /** The state after a legal move. */
  play(state: S, move: M): S;
  /** How the game ended, or `undefined` while it goes on. */
  result(state: S): GameResult | undefined;
  /** The move as people write it. */
  notation(state: S, move: M): string;
}

/** The side that `side` plays against. */
export function opponentOf(side: Side): Side {
  return side === 'first' ? 'second' : 'first';
}
