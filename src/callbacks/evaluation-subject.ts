import type { CheckpointRef, RunEvent } from '../events/index.ts';
import { triggerPointOf } from '../operators/index.ts';
import { lastStep } from '../operators/last-step.ts';

/** What an evaluation is of: it keeps belonging to it, also when it ends epochs later. */
export interface EvaluationSubject {
  readonly epoch: number;
  readonly step: number;
  /** The metrics of the last epoch that ended whole; empty before the first. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** The last checkpoint file of this epoch, where there is one. */
  readonly checkpoint?: CheckpointRef;
}

/** Follows a run's events, and says what an evaluation that is asked for now is of. */
export interface SubjectTracker {
  see(event: RunEvent): void;
  /**
   * @param fired what a trigger emitted, anything: its epoch, step, metrics and checkpoint are taken where it has them, and the
   *   last seen where it has not
   */
  subjectOf(fired?: unknown): EvaluationSubject;
}

/** Tracks from where the run stands now. */
export function subjectTracker(state: {
  readonly epoch: number;
  readonly step: number;
  readonly metrics: Readonly<Record<string, unknown>> | undefined;
}): SubjectTracker {
  let { epoch, step } = state;
  let metrics: Readonly<Record<string, unknown>> = state.metrics ?? {};
  let checkpoint: { readonly epoch: number; readonly ref: CheckpointRef } | undefined;

  return {
    see: (event) => {
      step = lastStep(step, event);
      // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the other events say nothing of the training
      switch (event.type) {
        case 'step':
        case 'epoch:start':
          epoch = event.epoch;
          break;
        case 'epoch:end':
          epoch = event.epoch;
          if (event.interrupted !== true) metrics = event.metrics;
          if (event.checkpoint !== undefined) checkpoint = { epoch, ref: event.checkpoint };
          break;
        case 'checkpoint':
          // One that was written beside the training may be told when a later epoch has its own.
          if (event.epoch >= (checkpoint?.epoch ?? 0))
            checkpoint = { epoch: event.epoch, ref: { path: event.path, hash: event.hash } };
          break;
        default:
      }
    },
    subjectOf: (fired) => {
      const point = { epoch, step, metrics, ...triggerPointOf(fired) };
      // An older epoch's file is no checkpoint of this subject.
      const ref = point.checkpoint ?? (checkpoint?.epoch === point.epoch ? checkpoint.ref : undefined);
      return {
        epoch: point.epoch,
        step: point.step,
        metrics: point.metrics ?? metrics,
        ...(ref === undefined ? {} : { checkpoint: ref }),
      };
    },
  };
}
