export {
  mistakeInScale,
  scale,
  stop,
  type Callback,
  type CallbackFiles,
  type Desk,
  type Directive,
  type Governed,
  type Governing,
  type Run,
  type RunState,
  type ScaleDirective,
  type StopDirective,
} from './callback.ts';
export { bestCheckpoint, type BestCheckpoint, type BestCheckpointOptions } from './best-checkpoint.ts';
export type { BestEpoch } from './best-files.ts';
export { checkpoint, type CheckpointOptions } from './checkpoint.ts';
export type { CheckpointBytes, CheckpointRequest, SaveCheckpoint } from './checkpoint-request.ts';
export { CheckpointPins } from './checkpoint-pins.ts';
export { assertCallbackName, defineCallback, type CallbackOptions } from './define-callback.ts';
export { countsAgainstBreaker } from './counts-against-breaker.ts';
export { contain, ContainedEvents } from './contained-events.ts';
export type { Containment } from './contained-observer.ts';
export { hearing } from './hearing.ts';
export { isThenable } from './is-thenable.ts';
export { hooks, type Hook, type HookName, type Hooks, type NamedHooks } from './hooks.ts';
export type { HookContext } from './hook-calls.ts';
export { evaluation, evaluationWith, type Evaluation, type EvaluationResult } from './evaluation.ts';
export type { Overlap } from './admission.ts';
export type { EvaluationOptions, EvaluationRequest, OnResume } from './evaluation-options.ts';
export { numberIn } from './evaluation-ids.ts';
export { cutShort, hostLost, hostLostCode, stoppedWithRun } from './host-lost.ts';
export { subjectTracker, type EvaluationSubject } from './evaluation-subject.ts';
export type { LostEvaluation, ResumedRun } from './resumed-run.ts';
export type { EvaluationSettings } from './evaluation-settings.ts';
export { settingsOf } from './settings-of.ts';
export { earlyStopping, type EarlyStoppingOptions } from './early-stopping.ts';
export { metricsHistory, type MetricsHistory, type MetricsHistoryOptions } from './metrics-history.ts';
export type { MetricsRow, MetricsRowResult } from './metrics-rows.ts';
export { reduceOnPlateau, type ReduceOnPlateau, type ReduceOnPlateauOptions } from './reduce-on-plateau.ts';
export { stopAfter, type StopAfterOptions } from './stop-after.ts';
export { terminateOnNaN, type TerminateOnNaNOptions } from './terminate-on-nan.ts';
