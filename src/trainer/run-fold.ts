import type { CheckpointRef, EvaluationCounts, RunEvent } from '../events/index.ts';

/** What a run's events say so far. Steps are counted beside it: they are too many for a new value each. */
export interface RunFold {
  /** The present epoch, from 1; 0 before the first. */
  readonly epoch: number;
  /** How many epochs have ended whole. */
  readonly epochsEnded: number;
  /** The last of them; 0 before the first. */
  readonly lastEnded: number;
  /** Of the last epoch that ended whole. */
  readonly metrics: Readonly<Record<string, unknown>> | undefined;
  /** The last that was told of. */
  readonly checkpoint: CheckpointRef | undefined;
  readonly evaluationsInFlight: readonly string[];
  readonly evaluations: EvaluationCounts;
}

export const emptyRunFold: RunFold = {
  epoch: 0,
  epochsEnded: 0,
  lastEnded: 0,
  metrics: undefined,
  checkpoint: undefined,
  evaluationsInFlight: [],
  evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
};

/** The state after one more event. An evaluation is counted once at its end, whatever comes after it. */
export function foldRun(fold: RunFold, event: RunEvent): RunFold {
  if (event.type === 'epoch:start') return { ...fold, epoch: event.epoch };
  if (event.type === 'epoch:end') {
    const { epoch, metrics, checkpoint = fold.checkpoint } = event;
    return event.interrupted === true
      ? { ...fold, checkpoint }
      : { ...fold, epochsEnded: fold.epochsEnded + 1, lastEnded: epoch, metrics, checkpoint };
  }
  if (event.type === 'checkpoint') return { ...fold, checkpoint: { path: event.path, hash: event.hash } };
  if (event.type === 'evaluation:requested') return requested(fold, event.evaluationId);
  if (event.type === 'evaluation:skipped') return ended(fold, event.evaluationId, 'skipped');
  if (event.type === 'evaluation:end') return ended(fold, event.evaluationId, event.status);
  return fold;
}

function requested(fold: RunFold, evaluationId: string): RunFold {
  if (fold.evaluationsInFlight.includes(evaluationId)) return fold;
  return {
    ...fold,
    evaluationsInFlight: [...fold.evaluationsInFlight, evaluationId],
    evaluations: { ...fold.evaluations, requested: fold.evaluations.requested + 1 },
  };
}

function ended(fold: RunFold, evaluationId: string, how: Exclude<keyof EvaluationCounts, 'requested'>): RunFold {
  if (!fold.evaluationsInFlight.includes(evaluationId)) return fold;
  return {
    ...fold,
    evaluationsInFlight: fold.evaluationsInFlight.filter((other) => other !== evaluationId),
    evaluations: { ...fold.evaluations, [how]: fold.evaluations[how] + 1 },
  };
}
