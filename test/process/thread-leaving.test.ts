import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
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
async function ended(name: string, input: object = {}): Promise<WatchdogToHost | undefined> {
  const packed = threadInput(input, name);
  if ('error' in packed) throw packed.error;
  const told: WatchdogToHost[] = [];
  const order = {
    ...{ id: 'execution', name, module: evaluator(name).href, seed: 1, graceMs: 100, maxResultMb: 256 },
    ...{ limits: { evaluationTimeMs: 300 }, logFolder: undefined, input: packed.bytes },
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

describe('an evaluator that has ended', () => {
  it.each([
    ['an answer', { answers: true }, { kind: 'result' }],
    ['a failure', { answers: false }, { kind: 'failed', code: 'EVALUATOR_CRASHED', message: /no answer/ }],
  ])('does nothing more that could throw: %s', async (_, input, { message, ...verdict }: Verdict) => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    onTestFinished(() => {
      rmSync(folder, { recursive: true });
    });
    const path = join(folder, 'after');

    const last = await ended('ends-and-throws', { ...input, path });

    expect(last).toMatchObject({ type: 'settled', verdict });
    if (message !== undefined) expect(last).toHaveProperty('verdict.message', expect.stringMatching(message));
    expect(existsSync(path)).toBe(false);
  });
});

interface Verdict {
  readonly kind: string;
  readonly code?: string;
  readonly message?: RegExp;
}
