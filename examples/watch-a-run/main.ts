// Shows how far a run is: drawn in place in a terminal, and line by line where the output goes to a file.
// The bar is a callback like any other: it reads the run's events, and a step costs it an addition.
// Read docs/how-to/watch-a-run-in-the-terminal.md next: what it shows, and what else may write to the same terminal.
import { setTimeout } from 'node:timers/promises';
import { Trainer, evaluation, inlineExecutor, progressBar } from 'pitwall';

const trainer = new Trainer<{ loss: number }>({ name: 'watched', epochs: 6 });
trainer.register(
  evaluation({
    name: 'ten-games',
    every: 2,
    executor: inlineExecutor(async (_input, { progress }) => {
      for (let game = 1; game <= 10; game++) {
        await setTimeout(60);
        progress(game, 10, `game ${game}`);
      }
      return { winRate: 0.6 };
    }),
  }),
);

const bar = progressBar(); // on stderr, so that the output of the program stays its own
trainer.register(bar);

const { status, epochs } = await trainer.fit(async (epoch) => {
  for (let step = 0; step < 40; step++) await epoch.step(() => setTimeout(8));
  if (epoch.epoch === 3) bar.print('half of it is done');
  return { loss: 1 / epoch.epoch };
});
console.log(`${status}: ${epochs} epochs`);
