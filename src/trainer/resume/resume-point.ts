import type { CheckpointRef, JournalledEvent } from '../../events/index.ts';

/** Where a run can go on from. */
export interface ResumePoint {
  /** What was told after this event is done again. */
  readonly fromSeq: number;
  /** The epoch of the checkpoint; 0 for the beginning. */
  readonly epoch: number;
  /** The run's steps at the checkpoint. */
  readonly step: number;
  /** Whether the epoch had ended: the next one follows; otherwise it is entered again. */
  readonly isWhole: boolean;
  /** `undefined` for the beginning. */
  readonly checkpoint: CheckpointRef | undefined;
}

/**
 * The points that a run can go on from, the latest first; the last is its beginning.
 *
 *     events   start e1 e2(c) c:mid e3     (e: epoch:end; c: with a checkpoint, or one in the middle of an epoch)
 *     points   mid of 3, end of 2, beginning
 *
 * A `checkpoint` that was told after the end of its epoch was written beside the training: it is of that end.
 *
 * @param events what stands of the journal, from its `run:start` on
 */
export function resumePoints(events: readonly JournalledEvent[]): readonly ResumePoint[] {
  const beginning = events[0]?.seq ?? 0;
  const ends = new Map<number, number>();
  const points: ResumePoint[] = [{ fromSeq: beginning, epoch: 0, step: 0, isWhole: true, checkpoint: undefined }];
  for (const event of events) {
    if (event.type === 'epoch:end') {
      const { seq, epoch, checkpoint, step = 0, interrupted = false } = event;
      if (!interrupted) ends.set(epoch, seq);
      if (checkpoint !== undefined) points.push({ fromSeq: seq, epoch, step, isWhole: !interrupted, checkpoint });
    } else if (event.type === 'checkpoint') {
      const { seq, epoch, step, path, hash } = event;
      const endSeq = ends.get(epoch);
      const isWhole = endSeq !== undefined;
      points.push({ fromSeq: endSeq ?? seq, epoch, step, isWhole, checkpoint: { path, hash } });
    }
  }
  return points.sort((one, other) => other.fromSeq - one.fromSeq);
}
