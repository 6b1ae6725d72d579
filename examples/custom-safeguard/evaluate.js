// Ten games against a fixed opponent: well in epoch 1, far too slow in epoch 2, hung in epoch 3, broken in epoch 4.
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvaluator } from 'pitwall/evaluator';

/** @param {number} epoch */
const msOfGame = (epoch) => (epoch === 2 ? 600 : epoch === 3 ? 60_000 : 10);

export default defineEvaluator(
  /** @param {{ epoch: number }} input */
  async ({ epoch }, { item, progress }) => {
    if (epoch === 4) throw new RangeError('the weights are not finite');
    for (let game = 1; game <= 10; game++) {
      await item(`game ${game}`, () => wait(msOfGame(epoch)));
      progress(game, 10);
    }
    return { winRate: 0.6 };
  },
);
