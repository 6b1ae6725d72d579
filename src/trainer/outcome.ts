import type { EvaluationCounts, Overhead } from '../events/index.ts';

/**
 * How a run ended.
 *
 * `completed` ran all its epochs, `stopped` was asked to end before, and of `failed` the `error` says why.
 */
export interface Outcome {
  readonly status: 'completed' | 'stopped' | 'failed';
  /** Of a stop: what its caller gave. */
  readonly reason?: string;
  /** What a critical callback failed with, or what the training's own function threw. */
  readonly error?: unknown;
  readonly runId: string;
  /** How many epochs ended whole. */
  readonly epochs: number;
  readonly steps: number;
  /** What Pitwall cost the training thread, up to `training:end`. */
  readonly overhead: Overhead;
  /** `requested` is the sum of the others. */
  readonly evaluations: EvaluationCounts;
}

/** What has been asked of a run or happened to it, so far as it decides the outcome. */
export type Course =
  | { readonly kind: 'going' }
  | { readonly kind: 'stopped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The course after a request to stop: the first one counts, and a failure stays one. */
export function stopped(course: Course, reason: string): Course {
  return course.kind === 'going' ? { kind: 'stopped', reason } : course;
}

/** The course after a failure: the first error counts, and it outweighs a stop. */
export function failed(course: Course, error: unknown): Course {
  return course.kind === 'failed' ? course : { kind: 'failed', error };
}

/** The part of the outcome that the course decides. `lateReason` is of a stop after `training:end`. */
export function verdictOf(
  course: Course,
  lateReason: string | undefined,
): Pick<Outcome, 'status' | 'reason' | 'error'> {
  const late = lateReason === undefined ? {} : { reason: lateReason };
  switch (course.kind) {
    case 'going':
      return { status: 'completed', ...late };
    case 'stopped':
      return { status: 'stopped', reason: course.reason, ...late };
    case 'failed':
      return { status: 'failed', error: course.error, ...late };
  }
}
