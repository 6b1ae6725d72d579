// Six evaluations, one after the other, whose module takes its time to load.
// A warm process loads it once and serves three of them, then another takes its place.
// Look at the times: the first and the fourth evaluation wait for the loading, the others do not.
import { Trainer, evaluation, processExecutor } from 'pitwall';
import type evaluate from './evaluate.ts';
import { stepped } from './threshold.ts';

type Score = Awaited<ReturnType<typeof evaluate>>;

const trainer = new Trainer({ name: 'warm-evaluators', epochs: 6 });
let threshold = 0;

const heldOut = evaluation({
  name: 'held-out',
  every: 1,
  overlap: 'queue',
  executor: processExecutor<{ threshold: number }, Score>(new URL('./evaluate.ts', import.meta.url), {
    concurrency: 1,
    warm: true,
    recycleAfter: 3, // 100 unless you say otherwise
  }),
  input: () => ({ threshold }),
});
trainer.register(heldOut);

const pids = new Set<number>();
const fromMs = performance.now();
heldOut.results$.subscribe(({ epoch, result: { accuracy, served, pid } }) => {
  pids.add(pid);
  const atMs = (performance.now() - fromMs).toFixed(0).padStart(5);
  console.log(`${atMs} ms: ${Math.round(accuracy * 100)}% in epoch ${epoch}; number ${served} of process ${pids.size}`);
});

const { status, evaluations } = await trainer.fit(async (epoch) => {
  threshold = await epoch.step(() => stepped(threshold));
});
console.log(`${status}: ${evaluations.completed} of ${evaluations.requested} evaluations by ${pids.size} processes`);
