export type { ExpectedViolations, ViolationsExpectation } from './expect-violations.ts';
export { fakeExecutor, type FakeExecutor, type FakeExecutorOptions } from './fake-executor.ts';
export type { FakeEpoch, FakeEpochs } from './fake-epochs.ts';
export type { FakeStatus } from './fake-execution.ts';
export { fakeProbe, type FakeProbe, type ProbeAnswer, type SlowAnswer } from './fake-probe.ts';
export { fakeRun } from './fake-run.ts';
export type { FakeMoment, FakeScript } from './fake-script.ts';
export type { FakeTime } from './fake-time.ts';
export { fakeTrainer, type FakeTrainer, type FakeTrainerOptions, type FakeTraining } from './fake-trainer.ts';
export type { AssertEqual } from './marble-difference.ts';
export type { DrawEvaluation, DrawExecutor, MarbleExecutor } from './marble-evaluation.ts';
export type { DrawEpochs, DrawRun, DrawSteps, EpochValue, StepValue } from './marble-run.ts';
export type { MarbleStream, SubscriptionLogs } from './marble-stream.ts';
export type {
  DrawItems,
  DrawProgress,
  DrawSamples,
  ReadProgress,
  ReadSample,
  SampleValue,
} from './marble-telemetry.ts';
export { marbles, type MarbleHelpers } from './marbles.ts';
export { pitwallMatchers, type PitwallMatchers } from './matchers.ts';
export { replayed, type ReplayedRun } from './replayed.ts';
export { runEvent, type RunEventSketch } from './run-event.ts';
export { VirtualClock } from './virtual-clock.ts';
export type { HeardOfCallback } from './told-to.ts';
export type { LeaveNothingRunningOptions } from './to-leave-nothing-running.ts';
export type { ViolationFields } from './to-violate.ts';
