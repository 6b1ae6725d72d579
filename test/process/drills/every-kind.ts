// One evaluation for each kind of executor, exported in each way; it also leaves something running, as a module may.
import { NEVER } from 'rxjs';
import { commandExecutor, evaluation, inlineExecutor, threadExecutor } from 'pitwall';

setInterval(() => undefined, 1_000);

const module = new URL('./is-never-loaded.mjs', import.meta.url);

export const inProcess = evaluation<object, unknown>({
  name: 'in-process',
  every: 3,
  module,
  input: () => {
    throw new Error('a drill asks for no input');
  },
  sla: {
    memoryMb: 150,
    cpuPercent: { limit: 1, sustainMs: 0 },
    gpuMemoryMb: 100,
  },
});

export default [
  inProcess,
  evaluation({ name: 'in-thread', every: 1, executor: threadExecutor(module), sla: { evaluationTimeMs: 200 } }),
];

export const others = {
  command: evaluation({
    name: 'command',
    every: 1,
    executor: commandExecutor(['is-never-run']),
    sla: { memoryMb: 150, cpuPercent: { limit: 1, sustainMs: 0, action: 'abort' } },
    breaker: { minimumNumberOfCalls: 2 },
  }),
  inline: evaluation({ name: 'inline', every: 1, executor: inlineExecutor(() => 'is never called') }),
  own: evaluation({ name: 'own', every: 1, executor: () => NEVER, breaker: false }),
  off: evaluation({ name: 'off', every: 1, module, sla: false }),
  something: 'else',
};
