// Only compiled: each mistake is one that the types find.
import { CircuitBreaker, Trainer, evaluation, inlineExecutor, type Executor } from 'pitwall';

type Evaluate = typeof import('./evaluate.js').default;
const module = new URL('./evaluate.js', import.meta.url);
const weights = new Float32Array(1);

// @ts-expect-error -- the input lacks the weights
evaluation<Evaluate>({ name: 'a', every: 1, module, input: ({ epoch }) => ({ epoch }) });

// @ts-expect-error -- the weights are no string
evaluation<Evaluate>({ name: 'b', every: 1, module, input: ({ epoch }) => ({ epoch, weights: 'none' }) });

// @ts-expect-error -- an evaluator that wants weights needs an input
evaluation<Evaluate>({ name: 'c', every: 1, module });

// @ts-expect-error -- neither every nor when
evaluation<Evaluate>({ name: 'd', module, input: ({ epoch }) => ({ epoch, weights }) });

const input = ({ epoch }: { epoch: number }) => ({ epoch, weights });

// @ts-expect-error -- a module and an executor
evaluation<Evaluate>({ name: 'e', every: 1, module, executor: {} as Executor, input });

const good = evaluation<Evaluate>({ name: 'f', every: 1, module, input: ({ epoch }) => ({ epoch, weights }) });
good.results$.subscribe(({ result }) => {
  const winRate: number = result.winRate;
  // @ts-expect-error -- the result has no such field
  const loseRate: number = result.loseRate;
  // @ts-expect-error -- and this one is a number
  const epoch: string = result.epoch;
  void [winRate, loseRate, epoch];
});

evaluation<Evaluate>({
  name: 'g',
  every: 1,
  module,
  input: ({ epoch }) => ({ epoch, weights }),
  // @ts-expect-error -- a rule that there is not
  sla: { memoryMB: 100 },
});

evaluation<Evaluate>({
  name: 'h',
  every: 1,
  module,
  input,
  // @ts-expect-error -- an action that there is not
  sla: { memoryMb: { limit: 1, action: 'scold' } },
});

const trainer = new Trainer<{ loss: number }>({ name: 'typed', epochs: 1 });
// @ts-expect-error -- the metrics are { loss }
void trainer.fit(() => ({ lost: 1 }));

// @ts-expect-error -- an option that there is not
void new CircuitBreaker({ name: 'typed', failureTreshold: 50 });

const inline: Executor<{ epoch: number }, number> = inlineExecutor(({ epoch }: { epoch: number }) => epoch);
void inline;
