// A safeguard of one's own, an SLA and a breaker hold evaluations in real processes.
// One does well, one is too slow, one hangs and one is broken: three failures, and the breaker asks for no more.
// `npm test` shows the same in virtual time.
import { setTimeout as wait } from 'node:timers/promises';
import { evaluation, Trainer } from 'pitwall';
import { breaker, safeguards, sla } from './limits.js';

const trainer = new Trainer({ name: 'custom-safeguard', epochs: 6 });

trainer.register(
  evaluation({
    name: 'games',
    every: 1,
    overlap: 'queue',
    module: new URL('./evaluate.js', import.meta.url),
    input: ({ epoch }) => ({ epoch }),
    sla,
    breaker,
    safeguards,
  }),
);

trainer.register({
  name: 'printer',
  onEvaluationEnd: ({ epoch, status, violation, error }) => {
    const why = violation ? `: ${violation.rule}` : error ? `: ${error.code}` : '';
    console.log(`epoch ${epoch}: ${status}${why}`);
  },
  onBreakerChange: ({ from, to }) => {
    console.log(`the breaker: ${from} -> ${to}`);
  },
});

const { evaluations } = await trainer.fit(async (epoch) => {
  for (let step = 1; step <= 10; step++) await epoch.step(() => wait(10));
});
const { completed, violated, failed, skipped } = evaluations;
console.log(`${completed} completed, ${violated} violated, ${failed} failed, ${skipped} not asked for`);
