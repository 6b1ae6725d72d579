// The weights are saved after each epoch, a file is evaluated when it is told, and the best one by that is kept as a copy.
// The loss goes down to the end, but on held-out points the model is best after five epochs: that is the file that stays.
// Read evaluate.ts next, which reads the file in a process of its own.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { bestCheckpoint, checkpoint, evaluation, reduceOnPlateau, terminateOnNaN, Trainer } from 'pitwall';
import { filter } from 'rxjs';

const trainer = new Trainer<{ loss: number }>({ name: 'keep-checkpoints', epochs: 8 });
const weights = new Float64Array(1); // the model is a threshold

trainer.register(
  checkpoint({
    path: `checkpoints/${trainer.runId}`,
    keep: 2, // the last two; what is evaluated or copied stays as long as that needs it
    save: () => weights, // a live array: Pitwall copies it here, before the next step
  }),
);
const heldOut = evaluation<typeof import('./evaluate.ts').default>({
  name: 'held-out',
  when: (run$) => run$.pipe(filter((event) => event.type === 'checkpoint')), // the file is whole
  overlap: 'queue',
  module: new URL('./evaluate.ts', import.meta.url),
  input: ({ checkpoint: file }) => ({ path: file?.path ?? '' }),
});
const best = bestCheckpoint({ path: `best/${trainer.runId}`, on: heldOut, metric: 'accuracy' });
trainer.register(heldOut);
trainer.register(best);
trainer.register(reduceOnPlateau({ metric: 'loss', patience: 2, factor: 0.5, minScale: 0.1 }));
trainer.register(terminateOnNaN()); // an epoch with NaN saves nothing and deletes nothing

const { status } = await trainer.fit(async (epoch) => {
  const learningRate = 0.04 * epoch.scaleOf('learningRate'); // the schedule is the training's own
  for (let step = 1; step <= 10; step++) {
    await epoch.step(() => sleep(20)); // stands for the work of a batch
    const threshold = weights[0] ?? 0;
    weights[0] = threshold + (0.8 - threshold) * learningRate; // what the training data say; the truth is 0.7
  }
  return { loss: (0.8 - (weights[0] ?? 0)) ** 2 };
});

const file = await readFile(best.best?.path ?? '');
console.log(`${status}: the training ended with the threshold ${weights[0]?.toFixed(3) ?? ''}`);
console.log(`kept: epoch ${best.best?.epoch ?? 0}, with the threshold ${file.readDoubleLE(0).toFixed(3)}`);
