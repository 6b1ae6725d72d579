import { defineEvaluator } from 'pitwall/evaluator';

const play = (weights: Float32Array, game: number): number => (weights[0]! * 20 > game ? 1 : 0);

export default defineEvaluator(
  async (input: { epoch: number; weights: Float32Array }, { signal, item, progress, partial, seed }) => {
    let won = 0;
    for (let game = 1; game <= 20; game++) {
      signal.throwIfAborted();
      won += await item(`game ${game}`, () => play(input.weights, game));
      progress(game, 20);
      partial({ won });
    }
    return { winRate: won / 20, epoch: input.epoch, seed };
  },
);
