export { guardedFromRecord } from './guarded-from-record.ts';
export { judgeRun, type JudgedEvaluation, type JudgedRun } from './judge-run.ts';
export { recordedEvaluations, type RecordedEvaluation } from './recorded-evaluation.ts';
export { recordedLimits, type RecordedLimits } from './recorded-limits.ts';
export { replayRun } from './replay-run.ts';
export { samplingOf, type Sampling } from './sampling.ts';
export { fewestEvaluations, headRoom, suggestLimits, type Suggestion } from './suggest-limits.ts';
