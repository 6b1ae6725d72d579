// A training that goes on where it was cut off, by whatever: it is started in the same way each time.
// At the end of each epoch it saves its weights and tells the file; the last one that is whole is what a resumed run begins with.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { earlyStopping, evaluation, JournalError, Trainer } from 'pitwall';

const options = { name: 'line', epochs: 12 };
const trainer = await resumedOrNew();
let weights = { slope: 0, offset: 0 };

const { epoch: from, checkpoint } = trainer.state;
if (checkpoint !== undefined) weights = JSON.parse(await readFile(checkpoint.path, 'utf8')) as typeof weights;
console.log(from === 0 ? 'begins' : `goes on after epoch ${from}`);

const heldOut = evaluation<typeof import('./evaluate.ts').default>({
  name: 'held-out',
  every: 4,
  module: new URL('./evaluate.ts', import.meta.url),
  input: () => weights,
});
trainer.register(heldOut);
trainer.register(earlyStopping({ metric: 'loss', patience: 5 }));

await mkdir('checkpoints', { recursive: true });
const { status } = await trainer.fit(async (epoch) => {
  let loss = 0;
  for (let x = -1; x <= 1; x += 0.5) {
    loss = await epoch.step(async () => {
      await sleep(10); // stands for the work of a batch
      const error = weights.slope * x + weights.offset - (3 * x - 1);
      weights = { slope: weights.slope - 0.1 * error * x, offset: weights.offset - 0.1 * error };
      return error ** 2;
    });
  }
  const path = `checkpoints/epoch-${epoch.epoch}.json`;
  await writeFile(`${path}.new`, JSON.stringify(weights));
  await rename(`${path}.new`, path); // a file under its own name is whole
  await epoch.checkpoint(path);
  console.log(`epoch ${epoch.epoch}: loss ${loss.toFixed(4)}`);
  return { loss };
});
console.log(status);

/** The run of this name that was begun last, unless it has ended, or there is none. */
async function resumedOrNew(): Promise<Trainer<{ loss: number }>> {
  try {
    return await Trainer.resume('latest', options);
  } catch (error) {
    const code = error instanceof JournalError ? error.code : undefined;
    if (code === 'JOURNAL_NOT_FOUND' || code === 'JOURNAL_FINISHED') return new Trainer(options);
    throw error;
  }
}
