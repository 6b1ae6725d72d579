// Limits and breakers that do not fire: a Node takes more memory than one of them leaves it, and a breaker counts no failure.
import { CircuitBreaker, evaluation, inlineExecutor } from 'pitwall';

export const cramped = evaluation<object, unknown>({
  name: 'cramped',
  every: 1,
  module: new URL('./is-never-loaded.mjs', import.meta.url),
  input: () => ({}),
  sla: { memoryMb: 10 },
  breaker: { minimumNumberOfCalls: 21, slidingWindow: { type: 'count', size: 50 } },
});

const evaluated = inlineExecutor(() => 'is never called');

export const forgiving = evaluation({
  name: 'forgiving',
  every: 1,
  executor: evaluated,
  breaker: { recordFailure: () => false },
});

const shared = new CircuitBreaker({ name: 'shared', minimumNumberOfCalls: 2 });
export const one = evaluation({ name: 'one', every: 1, executor: evaluated, breaker: shared });
export const other = evaluation({ name: 'other', every: 1, executor: evaluated, breaker: shared });

const off = new CircuitBreaker({ name: 'off' });
off.disable();
export const disabled = evaluation({ name: 'disabled', every: 1, executor: evaluated, breaker: off });
