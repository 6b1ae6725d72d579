// Two safeguards of one's own: one warns of an evaluation that the training has left behind, the other ends one that only
// waits. They are composed of RxJS operators in safeguards.ts, and given to the evaluation beside its SLA.
// The evaluator is slow in epoch 1, does well in epoch 2, and waits for ever in epoch 3.
import { Trainer, evaluation } from 'pitwall';
import { setTimeout as wait } from 'node:timers/promises';
import { maxEpochsBehind, maxIdle } from './safeguards.ts';

const trainer = new Trainer({ name: 'own-safeguard', epochs: 3 });

trainer.register(
  evaluation<typeof import('./evaluate.ts').default>({
    name: 'moody',
    every: 1,
    overlap: 'queue',
    module: new URL('./evaluate.ts', import.meta.url),
    input: ({ epoch }) => ({ epoch }),
    safeguards: [maxEpochsBehind(2), maxIdle(2_000)],
  }),
);

trainer.register({
  name: 'printer',
  onViolation: ({ violation }) => {
    const { rule, action, observed, limit, unit } = violation;
    console.log(`  ${action}: ${rule} is ${observed} ${unit}, its limit is ${limit} ${unit}`);
  },
  onEvaluationEnd: ({ epoch, status }) => {
    console.log(`evaluation of epoch ${epoch}: ${status}`);
  },
});

const { evaluations } = await trainer.fit(async (epoch) => {
  for (let step = 1; step <= 10; step++) await epoch.step(() => wait(10));
});
console.log(`${evaluations.completed} completed, ${evaluations.violated} ended by a safeguard`);
