// A host that trains, or goes on with what another one left, and tells every event but its steps.
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { bestCheckpoint, earlyStopping, evaluation, inlineExecutor, Trainer } from '../../../src/index.ts';

const root = process.argv[2] ?? '';
const options = { name: 'training', epochs: 100, journal: join(root, '.pitwall') };
const trainer = existsSync(join(options.journal, 'run', 'events.jsonl'))
  ? await Trainer.resume<{ loss: number }>('run', options)
  : new Trainer<{ loss: number }>({ ...options, runId: 'run' });

const vs = evaluation<{ readonly epoch: number; readonly path: string }, { readonly winRate: number }>({
  name: 'vs',
  every: 3,
  overlap: 'queue',
  module: new URL('../evaluators/reads-weights.mjs', import.meta.url),
  input: ({ epoch, checkpoint }) => ({ epoch, path: checkpoint?.path ?? '' }),
});
trainer.register(vs);
trainer.register(
  evaluation({
    name: 'flaky',
    every: 1,
    overlap: 'queue',
    executor: inlineExecutor(({ epoch }: { readonly epoch: number }) => {
      if (epoch >= 8 && epoch < 13) throw new Error('crashed');
      return epoch;
    }),
    sla: false,
    breaker: { waitDurationInOpenStateMs: 3_600_000 },
  }),
);
trainer.register(earlyStopping({ on: vs, metric: 'winRate', patience: 4 }));
trainer.register(bestCheckpoint({ on: vs, metric: 'winRate', path: join(root, 'best') }));
trainer.events$.subscribe(({ type }) => {
  if (type !== 'step') console.log(JSON.stringify({ event: type }));
});

const outcome = await trainer.fit(async (epoch) => {
  while (trainer.state.evaluationsInFlight.length > 2) await setTimeout(5); // so that its queue is never full
  for (let step = epoch.resumedAtStep ?? (epoch.epoch - 1) * 2; step < epoch.epoch * 2; step++) {
    await epoch.step(() => setTimeout(5));
    const path = join(root, `weights-${epoch.epoch}-${step}.bin`);
    await writeFile(`${path}.new`, `the weights of epoch ${epoch.epoch}`);
    await rename(`${path}.new`, path);
    await epoch.checkpoint(path);
  }
  return { loss: 1 / epoch.epoch };
});
console.log(JSON.stringify({ outcome }));
