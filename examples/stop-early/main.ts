// A model that learns its training data too well: on held-out points it is best after five epochs, and then gets worse.
// An evaluation beside the training sees it, and earlyStopping ends the training two results later, long before its thousand epochs.
// Read evaluate.ts next, which scores the model in a process of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { earlyStopping, evaluation, metricsHistory, stopAfter, terminateOnNaN, Trainer } from 'pitwall';

const trainer = new Trainer<{ loss: number }>({ name: 'stop-early', epochs: 1_000, drain: 'cancel' });
let threshold = 0;

const heldOut = evaluation<typeof import('./evaluate.ts').default>({
  name: 'held-out',
  every: 1,
  overlap: 'queue', // each request waits its turn, so that no epoch is left out
  module: new URL('./evaluate.ts', import.meta.url),
  input: () => ({ threshold }),
});
trainer.register(heldOut);
trainer.register(earlyStopping({ on: heldOut, metric: 'accuracy', patience: 2 }));

const metrics = metricsHistory();
trainer.register(terminateOnNaN());
trainer.register(stopAfter({ afterMs: 10 * 60_000 }));
trainer.register(metrics);

const { status, reason } = await trainer.fit(async (epoch) => {
  for (let step = 1; step <= 10; step++) {
    await epoch.step(() => sleep(20)); // stands for the work of a batch
    threshold += (0.8 - threshold) * 0.04; // what the training data say; the truth is 0.7
  }
  return { loss: (0.8 - threshold) ** 2 };
});

for (const { epoch, results } of metrics.history.slice(0, 7)) {
  const { accuracy } = results[0]?.result as { accuracy: number };
  console.log(`epoch ${epoch}: ${(accuracy * 100).toFixed(1)}% of the held-out points are right`);
}
console.log(`${status}: ${reason ?? 'all epochs are done'}`);
