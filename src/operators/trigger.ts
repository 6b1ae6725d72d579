import type { Observable } from 'rxjs';
import type { CheckpointRef, RunEvent } from '../events/index.ts';

/** Where a run stood when a trigger fired: the subject of the evaluation that it asks for. */
export interface TriggerPoint {
  /** From 1; 0 before the first epoch. */
  readonly epoch: number;
  /** Of the whole run, from 1; 0 before the first step. */
  readonly step: number;
  readonly metrics?: Readonly<Record<string, unknown>> | undefined;
  /** The file that the epoch's end told of. */
  readonly checkpoint?: CheckpointRef | undefined;
}

/**
 * Says when: any operator over a run's events. Whatever it emits is a trigger; what it emits says of which epoch and step,
 * where it is a {@link TriggerPoint} or a {@link RunEvent} (see {@link triggerPointOf}).
 *
 * @example
 * // after each checkpoint in the middle of an epoch
 * const onCheckpoint: Trigger = (events$) => events$.pipe(filter((event) => event.type === 'checkpoint'));
 */
export type Trigger = (events$: Observable<RunEvent>) => Observable<unknown>;

/** Reads epoch, step, metrics and checkpoint from what a trigger emitted; what it does not tell is absent. */
export function triggerPointOf(emitted: unknown): Partial<TriggerPoint> {
  if (typeof emitted !== 'object' || emitted === null) return {};
  const { epoch, step, metrics, checkpoint, type, path, hash } = emitted as Record<string, unknown>;
  const file = type === 'checkpoint' ? { path, hash } : checkpoint;
  return {
    ...(isCount(epoch) && { epoch }),
    ...(isCount(step) && { step }),
    ...(isRecord(metrics) && { metrics }),
    ...(isCheckpoint(file) && { checkpoint: file }),
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCheckpoint(value: unknown): value is CheckpointRef {
  return isRecord(value) && typeof value.path === 'string' && typeof value.hash === 'string';
}
