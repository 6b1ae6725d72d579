// Fits a polynomial to a wave in TypeScript, and evaluates it in Python with numpy beside the training.
// Its weights reach Python as a .npy file, bit for bit; the limits hold there as they do for an evaluator in JavaScript.
// Read evaluate.py next. It wants python3 with numpy, or another one: PYTHON=/usr/bin/python3.
import { Trainer, commandExecutor, evaluation } from 'pitwall';
import { createWeights, trainOn } from './polynomial.ts';

interface Fit {
  readonly rmse: number;
  readonly worst: { readonly at: number; readonly error: number };
  readonly errors: Float32Array;
}

const weights = createWeights();
const trainer = new Trainer<{ loss: number }>({ name: 'wave', epochs: 6 });
const inPython = evaluation({
  name: 'in-python',
  every: 2,
  overlap: 'queue',
  executor: commandExecutor<{ epoch: number; weights: Float64Array }, Fit>(
    [process.env.PYTHON ?? 'python3', 'evaluate.py', '{input}', '{output}'],
    { cwd: import.meta.dirname, env: { OPENBLAS_NUM_THREADS: '1' } },
  ),
  input: ({ epoch }) => ({ epoch, weights }),
  sla: { itemTimeMs: 5_000, memoryMb: 500 },
});
trainer.register(inPython);
inPython.results$.subscribe(({ epoch, result: { rmse, worst, errors } }) => {
  console.log(
    `epoch ${epoch}: ${rmse.toFixed(3)} off on average, ${worst.error.toFixed(3)} at x = ${worst.at}, of ${errors.length} points`,
  );
});
trainer.register({
  name: 'printer',
  onEvaluationEnd: ({ error }) => {
    if (error !== undefined) console.log(`${error.code}: ${error.message}`);
  },
});

const { status, evaluations } = await trainer.fit(async (epoch) => {
  let loss = 0;
  for (let step = 1; step <= 200; step++) loss = await epoch.step(() => trainOn(weights));
  return { loss };
});
console.log(`${status}: ${evaluations.completed} of ${evaluations.requested} evaluations completed in Python`);
