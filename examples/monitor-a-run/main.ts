// A training whose metrics Prometheus can scrape, and a file of them for when the run is over.
// The server listens on this machine alone, and does not keep the program alive.
// Here the program asks itself once, in the place of Prometheus.
import { Trainer, evaluation, inlineExecutor } from 'pitwall';
import { prometheusMetrics, serveMetrics } from 'pitwall/prometheus';

const trainer = new Trainer<{ loss: number }>({ name: 'minishogi', epochs: 4 });
const executor = inlineExecutor(({ epoch }: { epoch: number }) => Promise.resolve({ winRate: epoch / 4 }));
trainer.register(evaluation({ name: 'vs-random', every: 2, executor }));

trainer.register(prometheusMetrics({ textfile: 'minishogi.prom' })); // without `textfile`: the server alone
const { url, close } = await serveMetrics({ port: 0 }); // a port of your own, such as 9464

await trainer.fit((epoch) => Promise.resolve({ loss: 1 / epoch.epoch }));

const scraped = await (await fetch(url)).text();
const lines = scraped
  .split('\n')
  .filter((line) => /^pitwall_(evaluations_total|evaluation_result|training_metric)\{/.test(line));
console.log(lines.join('\n'));
await close();
console.log(`Prometheus would find ${lines.length} of these`);
