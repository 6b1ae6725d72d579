import { dobutsu, type DobutsuMove, type DobutsuState, type Player, type Rng } from '../../games/index.ts';
import type { Network } from './network.ts';

/**
 * Draws a move with odds of exp(worth / temperature), its worth being that of the position after it to the mover.
 *
 * The best move of all would jump to and fro as the network learns; drawn like this its strength rises smoothly.
 *
 * @param moves at least one
 * @param temperature above 0; `Infinity` draws blindly
 */
export function softmaxMove(
  network: Network,
  state: DobutsuState,
  moves: readonly DobutsuMove[],
  temperature: number,
  rng: Rng,
): DobutsuMove {
  if (temperature === Infinity) return moves[Math.floor(rng() * moves.length)] ?? 0;
  const worths = moves.map((move) => -network.value(dobutsu.play(state, move)));
  const best = Math.max(...worths);
  const odds = worths.map((worth) => Math.exp((worth - best) / temperature));
  let left = rng() * odds.reduce((sum, each) => sum + each, 0);
  const drawn = odds.findIndex((each) => (left -= each) < 0);
  // Rounding may leave a hair over: then it is the last one's.
  return moves.at(drawn) ?? 0;
}

/** A player that moves by {@link softmaxMove}; at 0.05 it shows what it knows and still plays different games. */
export function networkPlayer(network: Network, temperature = 0.05): Player<DobutsuState, DobutsuMove> {
  return {
    name: 'network',
    choose: (state, { rng, legalMoves }) => softmaxMove(network, state, legalMoves, temperature, rng),
  };
}
