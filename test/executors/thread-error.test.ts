import { describe, expect, it } from 'vitest';
import { threadError } from '../../src/executors/thread-error.ts';
import type { SettledThread } from '../../src/executors/thread-messages.ts';
import type { Violation } from '../../src/events/index.ts';

const breach = {
  rule: 'evaluationTimeMs',
  limit: 300,
  observed: 301,
  unit: 'ms',
  observedAt: 1301,
  deadlineAt: 1300,
  killedAt: 1301,
  goneAt: 1305,
  pausedMs: 0,
  message: 'The evaluation ran 301 ms.',
} as const;
const settled: SettledThread = {
  type: 'settled',
  id: 'execution',
  verdict: { kind: 'breach', breach },
  usage: {
    wallMs: 301,
    cpuMs: null,
    cpuShare: null,
    peakMemoryMb: null,
    startMs: 0,
    pausedMs: 0,
    queuedMs: 0,
    goneMs: 4,
  },
  report: { items: { done: 0, running: null }, progress: null, partials: 0 },
  dropped: [],
  output: '',
  isStuck: false,
  toldMachineMs: 0,
  result: undefined,
  partial: undefined,
};
const context = { evaluationId: 'evaluation', abortReason: undefined, lateByHostMs: 7 };
const stopped = { kind: 'stopped', killedAt: 50, goneAt: 60 } as const;
const impact: Violation = {
  rule: 'impact',
  limit: 5,
  observed: 9,
  unit: '%',
  action: 'abort',
  evaluationId: 'evaluation',
  observedAt: 49,
  lateByHostMs: 0,
  pausedMs: 0,
};

describe('the error of an evaluation in a thread', () => {
  it('of a broken limit has the whole violation, and how late the host was apart', () => {
    const { violation, ...error } = threadError(settled, context);

    expect(error).toMatchObject({ kind: 'violation', code: 'SLA_VIOLATION' });
    expect(violation).toEqual({
      ...breach,
      action: 'abort',
      evaluationId: 'evaluation',
      lateByHostMs: 7,
      pausedMs: 0,
    });
  });

  it('whose thread goes on says so, and tells no moment at which it was gone', () => {
    const { violation, message } = threadError({ ...settled, isStuck: true }, context);

    expect(message).toMatch(/^The evaluation ran 301 ms\. Its thread could not be stopped/);
    expect(violation).toMatchObject({ killedAt: 1301, message });
    expect(violation).not.toHaveProperty('goneAt');
  });

  it('asked to stop with a sentence is cancelled', () => {
    const error = threadError({ ...settled, verdict: stopped }, { ...context, abortReason: 'enough' });

    expect(error).toMatchObject({ kind: 'cancelled', code: 'CANCELLED' });
    expect(error.message).toBe('The evaluation was cancelled: enough');
  });

  it('asked to stop for a violation is that violation, with the moments of its end', () => {
    const error = threadError({ ...settled, verdict: stopped }, { ...context, abortReason: impact });

    expect(error.violation).toMatchObject({ rule: 'impact', killedAt: 50, goneAt: 60 });
  });

  it.each([
    ['enough', /cancelled: enough\. Its thread could not be stopped/],
    [impact, /^impact: 9 % observed, the limit is 5 % Its thread could not be stopped/],
  ])('asked to stop in vain because of %o says so', (abortReason, message) => {
    const error = threadError({ ...settled, verdict: stopped, isStuck: true }, { ...context, abortReason });

    expect(error.message).toMatch(message);
    expect(error.violation ?? {}).not.toHaveProperty('goneAt');
  });

  it('that failed has its last output and the stack of what was thrown', () => {
    const verdict = { kind: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message: 'It threw.' } as const;
    const error = threadError(
      { ...settled, verdict: { ...verdict, stack: 'at play' }, output: 'a line\n' },
      { ...context },
    );

    expect(error).toMatchObject({ kind: 'crashed', code: 'EVALUATOR_CRASHED', cause: { stack: 'at play' } });
    expect(error.message).toBe('It threw.\nIts last output:\na line');
  });
});
