import { describe, expect, it } from 'vitest';
import { verdictOf, type Course, type Decision } from '../../src/supervisor/settlement.ts';
import { emptyLetters } from '../../src/wire/index.ts';

const course: Course = {
  letters: emptyLetters,
  queuedMs: 0,
  spawnedMs: 0,
  startedMs: 0,
  decidedMs: 5_000,
  goneMs: 5_000,
  killedAt: 5_000,
  cpuMs: 0,
  peakMemoryMb: null,
  pausedMs: 0,
};
const late: Decision = {
  kind: 'broken',
  broken: { rule: 'evaluationTimeMs', limit: 5_000, observed: 5_000, overdueMs: 0 },
};

describe('an evaluation that missed its deadline after five seconds', () => {
  it.each<[string, Pick<Course, 'cpuMs' | 'pausedMs'>, boolean]>([
    ['a fifth of a core', { cpuMs: 1_000, pausedMs: 0 }, false],
    ['less', { cpuMs: 999, pausedMs: 0 }, true],
    ['a fifth of one while it was not paused', { cpuMs: 500, pausedMs: 2_500 }, false],
    ['less of one while it was not paused', { cpuMs: 499, pausedMs: 2_500 }, true],
    ['nothing, since it was paused all the time', { cpuMs: 0, pausedMs: 5_000 }, false],
    ['what nobody knows', { cpuMs: null, pausedMs: 0 }, false],
  ])('and got %s is starved where that was little: %o %s', (_, used, starved) => {
    expect(verdictOf(late, { ...course, ...used })).toMatchObject({ kind: 'breach', breach: { starved } });
  });
});
