import { defineEvaluator } from 'pitwall/evaluator';

/** A game is won where the weights lead further than chance. */
const play = (weights, game) => (weights[0] * 20 > game ? 1 : 0);

export default defineEvaluator(async (input, { signal, item, progress, partial, seed }) => {
  let won = 0;
  for (let game = 1; game <= 20; game++) {
    signal.throwIfAborted();
    won += await item(`game ${game}`, () => play(input.weights, game));
    progress(game, 20);
    partial({ won });
  }
  return { winRate: won / 20, epoch: input.epoch, seed, entry: process.argv[1], nodeArgs: process.execArgv };
});
