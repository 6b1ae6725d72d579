export { EvaluationError, violationSentence, type EvaluationErrorKind } from './evaluation-error.ts';
export type { GuardedEvaluation, ItemState, Progress, Safeguard } from './safeguard.ts';
