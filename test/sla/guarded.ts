import type { SchedulerLike } from 'rxjs';
import type { Sample, Violation } from '../../src/events/index.ts';
import { guardedEvaluation, type GuardedEvaluation } from '../../src/sla/index.ts';

/** An evaluation that has begun and of which nothing else is heard, but for what a test gives. */
export function guardedIn(scheduler: SchedulerLike, given: Partial<GuardedEvaluation> = {}): GuardedEvaluation {
  return { ...guardedEvaluation({ id: 'e-1', name: 'vs-random', scheduler }), ...given };
}

export function sample(memoryMb: number | null): Sample {
  return { memoryMb, cpuPercent: null, gpuUtilizationPercent: null, gpuMemoryMb: null };
}

/** A violation as a user's safeguard might make it. */
export function violation(action: Violation['action'], more: Partial<Violation> = {}): Violation {
  return {
    rule: 'resignations',
    limit: 1,
    observed: 2,
    unit: 'games',
    action,
    evaluationId: 'e-1',
    observedAt: 0,
    lateByHostMs: 0,
    pausedMs: 0,
    message: `${more.rule ?? 'resignations'}: 2 games observed, the limit is 1 games`,
    ...more,
  };
}
