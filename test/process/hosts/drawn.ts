// A host whose run is drawn on its stderr; what came of it is a line of JSON on its stdout.
import { setTimeout } from 'node:timers/promises';
import { evaluation, inlineExecutor, progressBar, Trainer } from '../../../src/index.ts';

const trainer = new Trainer({ name: 'drawn', epochs: 4, journal: false });
trainer.register(progressBar());
trainer.register(
  evaluation({
    name: 'five-games',
    every: 2,
    executor: inlineExecutor(async (_input, { progress }) => {
      for (let game = 1; game <= 5; game++) {
        await setTimeout(100);
        progress(game, 5);
      }
      return { winRate: 0.6 };
    }),
  }),
);
const errors: unknown[] = [];
trainer.events$.subscribe((event) => {
  if (event.type === 'callback:error') errors.push(event);
});
const { status, epochs } = await trainer.fit(async (epoch) => {
  for (let step = 0; step < 40; step++) await epoch.step(() => setTimeout(5));
  return {};
});
process.stdout.write(`${JSON.stringify({ status, epochs, errors })}\n`);
