import { defineEvaluator } from '../../evaluator/index.ts';
import { dobutsu, minimaxPlayer } from '../../games/index.ts';
import { Network } from './network.ts';
import { playSeries, type Score } from './series.ts';
import { networkPlayer } from './softmax-move.ts';
import type { Candidate } from './vs-random.ts';

/** How the network does against players that look ahead. */
export interface MinimaxScores {
  /** Against one that takes the lion where it can. */
  readonly onePly: Score;
  /** Against one that also sees the reply to its move. */
  readonly twoPly: Score;
}

const gamesEach = 1500;

/** A longer evaluation: one to three seconds. */
export default defineEvaluator(
  async ({ weights }: Candidate, { item, progress, partial, signal, seed }): Promise<MinimaxScores> => {
    const player = networkPlayer(new Network(weights));
    const scores: Partial<Record<keyof MinimaxScores, Score>> = {};
    const against = (depth: 1 | 2, key: keyof MinimaxScores): Promise<Score> =>
      playSeries(player, minimaxPlayer(dobutsu, { depth }), {
        games: gamesEach,
        label: `${depth}-ply game`,
        seed: seed + depth,
        item,
        signal,
        told: (score) => {
          scores[key] = score;
          progress((depth - 1) * gamesEach + score.games, 2 * gamesEach, `against ${depth}-ply`);
          partial(scores);
        },
      });
    return { onePly: await against(1, 'onePly'), twoPly: await against(2, 'twoPly') };
  },
);
