export type { Epoch, EpochStep } from './epoch.ts';
export type { Outcome } from './outcome.ts';
export { RunStoppedError } from './run-stopped-error.ts';
export type { Session } from './session.ts';
export type { StepWork } from './stepper.ts';
export { Trainer, type TrainEpoch } from './trainer.ts';
export type { Drain, ResumeOptions, TrainerOptions } from './trainer-options.ts';
export type { Registrable } from './registrable.ts';
