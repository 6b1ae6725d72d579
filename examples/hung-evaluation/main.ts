// An evaluator hangs in its third batch: an endless loop that no timer inside its process could end.
// The supervisor ends it at its limit of 300 ms, the training's steps go on, and after two of them the breaker opens.
// Look at evaluate.ts for the fault, and at the last column for the training's speed.
import { Trainer, evaluation } from 'pitwall';
import { trainFor } from './work.ts';

const trainer = new Trainer<{ stepsPerSecond: number }>({ name: 'hung-evaluation', epochs: 8 });

const hanging = evaluation<typeof import('./evaluate.ts').default>({
  name: 'hanging',
  every: 1,
  module: new URL('./evaluate.ts', import.meta.url),
  input: ({ epoch }) => ({ epoch }),
  sla: { itemTimeMs: 300 },
  breaker: { minimumNumberOfCalls: 2, waitDurationInOpenStateMs: 60_000 },
});
trainer.register(hanging);

trainer.register({
  name: 'printer',
  onEpochEnd: ({ epoch, metrics }) => {
    console.log(`epoch ${epoch}: ${String(metrics.stepsPerSecond)} steps a second`);
  },
  onViolation: ({ violation }) => {
    console.log(`  ended: ${violation.message ?? violation.rule}`);
  },
  onBreakerChange: ({ from, to, reason }) => {
    console.log(`  breaker: ${from} -> ${to} (${reason})`);
  },
});

const { status, evaluations } = await trainer.fit(async (epoch) => {
  const fromMs = performance.now();
  for (let step = 1; step <= 200; step++) await epoch.step(() => trainFor(2));
  return { stepsPerSecond: Math.round(200_000 / (performance.now() - fromMs)) };
});

const { requested, violated, skipped } = evaluations;
console.log(`of ${requested} evaluations ${violated} broke the limit and ${skipped} were skipped`);
console.log(`the training: ${status}; the breaker: ${hanging.breaker?.state ?? 'off'}`);
