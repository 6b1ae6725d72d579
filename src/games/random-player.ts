import type { Player } from './player.ts';

/** A player that takes any legal move, each as often as the next. */
export function randomPlayer<S, M>(): Player<S, M> {
  return {
    name: 'random',
    choose: (_state, { rng, legalMoves }) => {
      const move = legalMoves[Math.floor(rng() * legalMoves.length)];
      if (move === undefined) throw new RangeError('A player was asked to choose among no moves: end the game first');
      return move;
    },
  };
}
