import { dobutsu, type DobutsuState, type Rng } from '../../games/index.ts';
import type { Network } from './network.ts';
import { softmaxMove } from './softmax-move.ts';

export interface SelfPlayOptions {
  /** Games are played until so many positions were learned from; 500 by default, 10 to 40 ms of work. */
  readonly positions?: number;
  /** The step of gradient descent; 0.00006 by default. */
  readonly rate?: number;
  /** How much of a position's target is the game's end rather than the next position's value, 0 to 1; 0.8 by default. */
  readonly lambda?: number;
  /** How freely moves are drawn; 0.1 by default. */
  readonly temperature?: number;
  /** The part of moves that are drawn blindly; 0.05 by default. */
  readonly exploration?: number;
}

/** What one call of {@link selfPlay} did. */
export interface SelfPlayed {
  /** The mean squared error of the values before they were corrected. */
  readonly loss: number;
  readonly games: number;
  readonly positions: number;
}

/**
 * Plays games of the network against itself and learns from each by TD(lambda) (Sutton, 1988), backwards from its end.
 *
 * It is one step of the training. What it does is decided by the weights, the options and `rng` alone: no time is read.
 */
export function selfPlay(
  network: Network,
  rng: Rng,
  { positions = 500, rate = 6e-5, lambda = 0.8, temperature = 0.1, exploration = 0.05 }: SelfPlayOptions = {},
): SelfPlayed {
  let squaredErrors = 0;
  let learned = 0;
  let games = 0;
  while (learned < positions) {
    const states = playOut(network, rng, temperature, exploration);
    squaredErrors += learnBackwards(network, states, rate, lambda);
    learned += states.length;
    games++;
  }
  return { loss: learned === 0 ? 0 : squaredErrors / learned, games, positions: learned };
}

/** Every state of one game, the last one ended. */
function playOut(network: Network, rng: Rng, temperature: number, exploration: number): readonly DobutsuState[] {
  const states: DobutsuState[] = [];
  let state = dobutsu.initial();
  for (;;) {
    states.push(state);
    const moves = dobutsu.legalMoves(state);
    if (moves.length === 0) return states;
    const blind = rng() < exploration;
    const move = softmaxMove(network, state, moves, blind ? Infinity : temperature, rng);
    state = dobutsu.play(state, move);
  }
}

/** @returns the sum of the squared errors. */
function learnBackwards(network: Network, states: readonly DobutsuState[], rate: number, lambda: number): number {
  let squaredErrors = 0;
  let target: number | undefined;
  let value = 0;
  for (const state of states.toReversed()) {
    // The end is learned too: that the lion is gone is what the network must find out first. What came after a position
    // was told from the other side's view.
    target = target === undefined ? worthAtEnd(state) : -(lambda * target + (1 - lambda) * value);
    value = network.learn(state, target, rate);
    squaredErrors += (target - value) ** 2;
  }
  return squaredErrors;
}

/** To the side that would be to move: 1 won, -1 lost, 0 drawn. */
function worthAtEnd(state: DobutsuState): number {
  const winner = dobutsu.result(state)?.winner ?? null;
  if (winner === null) return 0;
  return winner === dobutsu.turn(state) ? 1 : -1;
}
