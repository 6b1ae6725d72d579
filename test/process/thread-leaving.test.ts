import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ThreadEvaluation } from '../../src/executors/thread-evaluation.ts';
import { threadInput } from '../../src/executors/thread-input.ts';
import type { WatchdogToHost } from '../../src/executors/thread-messages.ts';
import { evaluator } from './evaluators/index.ts';

const entry = new URL('../../src/executors/thread-evaluator-entry.js', import.meta.url);
const terminate = vi.spyOn(Worker.prototype, 'terminate');
afterEach(() => {
  terminate.mockClear();
});

/** Runs an evaluator in a thread of which this one is the watchdog, and ends it after 300 ms. */
async function ended(name: string): Promise<WatchdogToHost | undefined> {
  const input = threadInput({}, name);
  if ('error' in input) throw input.error;
  const told: WatchdogToHost[] = [];
  const order = {
    ...{ id: 'execution', name, module: evaluator(name).href, seed: 1, graceMs: 100, maxResultMb: 256 },
    ...{ limits: { evaluationTimeMs: 300 }, logFolder: undefined, input: input.bytes },
  };
  await new ThreadEvaluation(order, entry, (message) => told.push(message) > 0).gone;
  return told.at(-1);
}

const broken = { kind: 'breach', breach: { rule: 'evaluationTimeMs' } };

// Node ends the whole process where a thread is terminated in the midst of an uncaught error.
describe('an evaluator that lets no error end it', () => {
  it.each(['swallows-errors', 'swallows-floods'])('leaves by itself at the limit: %s', async (name) => {
    expect(await ended(name)).toMatchObject({ type: 'settled', isStuck: false, verdict: broken });
    expect(terminate).not.toHaveBeenCalled();
  });

  it('is terminated when it does not come to that', async () => {
    expect(await ended('swallows-then-spins')).toMatchObject({ type: 'settled', isStuck: false, verdict: broken });
    expect(terminate).toHaveBeenCalledOnce();
  });

  it('cannot stay by listeners to its exit', async () => {
    expect(await ended('swallows-and-stays')).toMatchObject({ type: 'settled', isStuck: false, verdict: broken });
    expect(terminate).not.toHaveBeenCalled();
  });
});

describe('an evaluator that has answered', () => {
  it.each([
    ['good', { kind: 'result' }],
    ['throws-null', { kind: 'failed', code: 'EVALUATOR_CRASHED' }],
  ])('leaves nothing that could still throw: %s', async (name, verdict) => {
    expect(await ended(name)).toMatchObject({ type: 'settled', verdict });
  });

  it('leaves nothing that could still throw: answers-and-throws', async () => {
    expect(await ended('answers-and-throws')).toMatchObject({ type: 'settled', verdict: { kind: 'result' } });
  });
});
