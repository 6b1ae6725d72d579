import type { Rng } from './rng.ts';

/** What a player is given beside the state. */
export interface Choice<M> {
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
  /** The player's only source of chance, so that a game can be played again. */
  readonly rng: Rng;
  /** At least one move. */
  readonly legalMoves: readonly M[];
}

/** Who chooses the moves of one side. */
export interface Player<S, M> {
  readonly name: string;
  /** One of `legalMoves`, the very value: any other loses the game. */
  choose(state: S, choice: Choice<M>): M | Promise<M>;
}
