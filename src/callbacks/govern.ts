import type { Violation } from '../events/index.ts';
import type { Job } from '../executors/index.ts';
import type { Sla } from '../sla/index.ts';
import type { Desk } from './callback.ts';
import type { EvaluationRecord } from './evaluation-record.ts';

/**
 * Has the run hold what one evaluation costs the training, from the start of its work.
 *
 * @returns what ends that
 */
export function govern(
  job: Job,
  record: EvaluationRecord,
  {
    rule,
    desk,
    onBroken,
  }: {
    readonly rule: Sla['trainingImpactPercent'];
    readonly desk: Desk;
    /** Hears the violation that is to end it. */
    readonly onBroken: (violation: Violation) => void;
  },
): () => void {
  // It never errors: it is this record's own.
  const started = record.guarded.started$.subscribe({
    next: () => {
      const governing = desk.govern({
        evaluationId: job.id,
        name: job.name,
        rule,
        pace: (order) => job.pace(order),
        tell: (telling) => {
          record.tell(telling);
        },
        onImpact: (percent) => {
          record.costs(percent);
        },
        abort: onBroken,
      });
      if (governing !== undefined) record.governed(governing);
    },
    error: () => undefined,
  });
  return () => {
    started.unsubscribe();
    record.governed(undefined);
  };
}
