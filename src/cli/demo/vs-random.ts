import { defineEvaluator } from '../../evaluator/index.ts';
import { randomPlayer } from '../../games/index.ts';
import { Network, type Weights } from './network.ts';
import { playSeries, type Score } from './series.ts';
import { networkPlayer } from './softmax-move.ts';

/** What an evaluation of the network is given: a copy of the weights as they were at the end of `epoch`. */
export interface Candidate {
  readonly epoch: number;
  readonly weights: Weights;
}

const games = 400;

/** How the network does against a player that moves at random. */
export default defineEvaluator(({ weights }: Candidate, { item, progress, partial, signal, seed }): Promise<Score> =>
  playSeries(networkPlayer(new Network(weights)), randomPlayer(), {
    games,
    seed,
    item,
    signal,
    told: (score) => {
      progress(score.games, games);
      partial(score);
    },
  }),
);
