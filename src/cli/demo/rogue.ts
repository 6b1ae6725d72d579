import { setTimeout } from 'node:timers/promises';
import { defineEvaluator, type EvaluatorContext } from '../../evaluator/index.ts';
import { createRng, dobutsu, playGame, randomPlayer } from '../../games/index.ts';

/** How the rogue goes wrong: a game that never ends, memory without end, or not at all. */
export type Mood = 'hang' | 'eat' | 'behave';

export interface RogueInput {
  readonly epoch: number;
  readonly mood: Mood;
}

/** An evaluator that does what evaluators ought not to, so that one sees it stopped. Nothing here is made to look so. */
export default defineEvaluator(async ({ mood }: RogueInput, { item, progress, seed }: EvaluatorContext) => {
  const rng = createRng(seed);
  const play = () => playGame(dobutsu, randomPlayer(), randomPlayer(), { rng });
  for (let game = 1; game <= 2; game++) {
    await item(`game ${game}`, play);
    progress(game, 6);
  }
  if (mood === 'hang') await item('game 3', spinForever);
  if (mood === 'eat') await eatForever();
  for (let game = 3; game <= 6; game++) {
    await item(`game ${game}`, play);
    progress(game, 6);
  }
  return { games: 6 };
});

/** Never lets its own event loop run: no timer or message inside this process could end it. */
function spinForever(): never {
  for (;;);
}

/** Takes 16 MB at a time and writes to every page, so that the memory is really there. */
async function eatForever(): Promise<never> {
  const eaten: Uint8Array[] = [];
  for (;;) {
    eaten.push(new Uint8Array(16 * 2 ** 20).fill(eaten.length + 1));
    await setTimeout(20);
  }
}
