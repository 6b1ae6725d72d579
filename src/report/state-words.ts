import type { EvaluationState, RunFacts } from './run-report.ts';

/** How an evaluation's state is said, with a sign of its own, so that no colour has to say it. */
export const stateWords: Readonly<Record<EvaluationState, { readonly sign: string; readonly word: string }>> = {
  completed: { sign: '✓', word: 'completed' },
  violated: { sign: '!', word: 'broke its SLA' },
  failed: { sign: '✗', word: 'failed' },
  cancelled: { sign: '■', word: 'cancelled' },
  skipped: { sign: '×', word: 'skipped' },
  running: { sign: '…', word: 'no end in the record' },
  waiting: { sign: '…', word: 'never began' },
};

/** How a run's end is said. */
export const statusWords: Readonly<Record<RunFacts['status'], { readonly sign: string; readonly word: string }>> = {
  completed: { sign: '✓', word: 'completed' },
  stopped: { sign: '■', word: 'stopped' },
  failed: { sign: '✗', word: 'failed' },
  'no-end': { sign: '…', word: 'no end in the record' },
};

/** Why an evaluation was skipped, in the record's word, as a sentence's part. */
export const skipWords: Readonly<Record<string, string>> = {
  busy: 'another one ran still',
  superseded: 'a newer one took its place',
  'breaker-open': 'its circuit breaker was open',
  stopping: 'the run was stopping',
};
