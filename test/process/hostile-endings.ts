import { expect } from 'vitest';
import type { Violation } from '../../src/events/index.ts';
import type { Ending } from './hostile-evaluators.ts';

/** What came of an evaluation, told by an executor or by a run's events. */
export interface Came {
  readonly result?: unknown;
  readonly violation?: Violation | undefined;
  readonly error?: { readonly kind: string; readonly code: string; readonly message: string } | undefined;
}

/** However long an evaluator's own words are, what is kept of them is short. */
const longestMessage = 20_000;
/**
 * Held by somebody who does not wait for a busy machine's training, and not only once all is over. How late it may be is the benchmark's
 * to say: 255 processes that begin at once, half of them in sessions where their low priority does not count, have kept two cores from
 * a verdict for 2 s.
 */
const latestMs = 15_000;

export function expectEnding(ending: Ending, { result, error, violation }: Came): void {
  if ('answer' in ending) {
    expect({ error, result }).toEqual({ error: undefined, result: ending.answer });
    return;
  }
  expect(result).toBeUndefined();
  expect(error?.message).toMatch(ending.message ?? /./);
  expect(error?.message.length).toBeLessThan(longestMessage);
  if ('code' in ending) {
    expect(error).toMatchObject({ kind: ending.kind, code: ending.code });
    expect(violation).toBeUndefined();
    return;
  }
  const { rule, limit } = ending;
  expect(error).toMatchObject({ kind: 'violation', code: 'SLA_VIOLATION' });
  expect(violation).toMatchObject({ rule, limit, action: 'abort' });
  const { observed, observedAt, deadlineAt, killedAt, goneAt } = violation!;
  expect(observed).toBeGreaterThanOrEqual(limit);
  expect(goneAt).toBeGreaterThanOrEqual(killedAt ?? Infinity);
  if (rule !== 'memoryMb') expect(observedAt - deadlineAt!).toBeLessThan(latestMs);
}
