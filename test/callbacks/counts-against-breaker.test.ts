import { describe, expect, it } from 'vitest';
import { countsAgainstBreaker } from '../../src/callbacks/counts-against-breaker.ts';
import type { Violation } from '../../src/events/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';

const missed: Violation = {
  rule: 'evaluationTimeMs',
  limit: 1000,
  observed: 1000,
  unit: 'ms',
  action: 'abort',
  evaluationId: 'vs-1-1',
  observedAt: 1000,
  deadlineAt: 1000,
  lateByHostMs: 0,
  pausedMs: 0,
};
const withoutDeadline: Violation = { ...missed, rule: 'memoryMb', unit: 'MB', deadlineAt: undefined };
/** After a long evaluation, of which little was paused: more than a quarter of the rule's own time all the same. */
const ofAPart: Violation = { ...missed, pausedMs: 900 };

describe('what counts against the breaker of an evaluation', () => {
  it.each<[string, unknown, boolean]>([
    ['a violation', EvaluationError.ofViolation(missed), true],
    ['a crash', new EvaluationError('crashed', 'EVALUATOR_CRASHED', 'signal SIGSEGV'), true],
    ['what could not be run', new EvaluationError('rejected', 'EVALUATOR_NOT_FOUND', 'no such module'), true],
    ["a user's error", new Error('boom'), true],
    ['what is no error', 'boom', true],
    ['a cancellation', EvaluationError.cancelled('enough'), false],
    [
      'a deadline missed, a quarter of it paused by us',
      EvaluationError.ofViolation({ ...missed, pausedMs: 250 }),
      true,
    ],
    ['one missed after more was paused by us', EvaluationError.ofViolation({ ...missed, pausedMs: 251 }), false],
    ['an item that takes too long', EvaluationError.ofViolation({ ...ofAPart, rule: 'itemTimeMs' }), true],
    ['no progress for too long', EvaluationError.ofViolation({ ...ofAPart, rule: 'noProgressMs' }), true],
    [
      'too much memory, however long it was paused',
      EvaluationError.ofViolation({ ...withoutDeadline, pausedMs: 900 }),
      true,
    ],
  ])('%s', (_, error, counts) => {
    expect(countsAgainstBreaker(error)).toBe(counts);
  });
});
