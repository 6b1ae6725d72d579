/** What the supervisor tells an evaluator: `load` once, then `go` for each evaluation, which an `abort` may follow. */
export type SupervisorToEvaluator =
  | { readonly type: 'load'; readonly module: string }
  | ({ readonly type: 'go' } & Assignment)
  | { readonly type: 'abort' };

/** One evaluation, as the evaluator's process gets it. */
export interface Assignment {
  readonly evaluationId: string;
  readonly name: string;
  readonly folder: string;
  /** Where the result goes when there is no room in `folder`. */
  readonly spillFolder?: string | undefined;
  readonly seed: number;
  readonly maxResultMb: number;
}

/** The codes that an evaluator's process may give a failure of its own; all other codes are ours to give. */
export const evaluatorErrorCodes = [
  'EVALUATOR_NOT_FOUND',
  'EVALUATOR_INVALID',
  'EVALUATOR_CRASHED',
  'INPUT_NOT_READABLE',
  'RESULT_NOT_CLONEABLE',
  'RESULT_TOO_LARGE',
  'RESULT_NOT_WRITTEN',
] as const;

/** The descriptor on which an evaluator tells, and the one on which it is told: one a direction. */
export const tellingFd = 3;
export const toldFd = 4;
/** Open for as long as the supervisor lives: its end is the supervisor's. */
export const lifeFd = 5;
