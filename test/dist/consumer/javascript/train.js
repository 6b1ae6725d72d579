import { Trainer, evaluation, readJournal } from 'pitwall';

const model = { weights: new Float32Array(2) };
const batches = [1, 2, 3, 4];
const trainOn = (batch) => {
  model.weights[0] += 1 / 32;
  return 1 / (batch + model.weights[0]);
};

const trainer = new Trainer({ name: 'minishogi', epochs: 6 });

const vsRandom = evaluation({
  name: 'vs-random',
  every: 3,
  module: new URL('./evaluate.js', import.meta.url),
  input: ({ epoch }) => ({ epoch, weights: model.weights }),
});
trainer.register(vsRandom);
const results = [];
vsRandom.results$.subscribe(({ result }) => results.push(result));

const outcome = await trainer.fit(async (epoch) => {
  let loss = 0;
  for (const batch of batches) loss = await epoch.step(() => trainOn(batch));
  return { loss };
});
const journal = await readJournal(`.pitwall/${outcome.runId}`);
console.log(JSON.stringify({ outcome, results, journal: journal.map(({ type }) => type) }));
