import { Trainer, evaluation, type Outcome } from 'pitwall';

const model = { weights: new Float32Array(2) };
const batches = [1, 2, 3, 4];
const trainOn = (batch: number): number => {
  model.weights[0]! += 1 / 32;
  return 1 / (batch + model.weights[0]!);
};

const trainer = new Trainer<{ loss: number }>({ name: 'minishogi', epochs: 6 });

const vsRandom = evaluation<typeof import('./evaluate.js').default>({
  name: 'vs-random',
  every: 3,
  module: new URL('./evaluate.js', import.meta.url),
  input: ({ epoch }) => ({ epoch, weights: model.weights }),
});
trainer.register(vsRandom);
const winRates: number[] = [];
vsRandom.results$.subscribe(({ result }) => winRates.push(result.winRate));

const outcome: Outcome = await trainer.fit(async (epoch) => {
  let loss = 0;
  for (const batch of batches) loss = await epoch.step(() => trainOn(batch));
  return { loss };
});
console.log(JSON.stringify({ outcome, winRates }));
