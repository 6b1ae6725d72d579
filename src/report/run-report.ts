import type { CheckpointRef, EvaluationCounts, Overhead, Violation } from '../events/index.ts';

/**
 * What is told of a run, as plain data: what `pitwall report --json` prints, and all that its page and its Markdown are made of.
 *
 * Fields named `at` or `...At` are wall-clock milliseconds; `...Ms` counts from the run's start where it says when something was, and
 * is a duration otherwise. What is not known is `null`. Lists and curves are bounded: `of` says how many there were.
 */
export interface RunReport {
  readonly run: RunFacts;
  /** Each time that the run went on after an end of its process. */
  readonly resumptions: readonly Resumption[];
  readonly evaluations: EvaluationsTold;
  /** What the epochs told, a curve a metric. */
  readonly metrics: readonly Curve[];
  /** What completed evaluations found, a curve a field, each at the epoch that it is of. */
  readonly results: readonly Curve[];
  readonly steps: StepRate;
  readonly violations: Bounded<ViolationTold>;
  readonly breakers: readonly BreakerTold[];
  readonly checkpoints: Bounded<CheckpointTold>;
  /** `null` where the run has no end in the record. Each process tells its own alone: of a resumed run it is the last one's. */
  readonly overhead: Overhead | null;
  /** The moment from which on `overhead` is: 0 for all of the run, or that of the last resumption. */
  readonly overheadSinceMs: number | null;
  readonly trouble: Trouble;
  /** As the run was begun with, or last went on with. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Some of a list, and how many there were. */
export interface Bounded<T> {
  readonly shown: readonly T[];
  readonly of: number;
}

export interface RunFacts {
  readonly id: string;
  readonly name: string;
  /** `no-end`: the record stops before the run does, because it was killed or still goes on. */
  readonly status: 'completed' | 'stopped' | 'failed' | 'no-end';
  /** Somebody holds it, who is not dead for certain: it may still be running. */
  readonly isLocked: boolean;
  readonly reason: string | null;
  readonly error: { readonly message: string; readonly code: string | null } | null;
  readonly startedAt: number;
  /** The moment of the last event. */
  readonly lastAt: number;
  /** From the first event to the last. */
  readonly durationMs: number;
  /** Of it, how long no process ran: before each resumption. */
  readonly awayMs: number;
  readonly epochsPlanned: number;
  readonly epochsDone: number;
  readonly steps: number;
  /** In the journal, those that were done again included. */
  readonly events: number;
}

export interface Resumption {
  readonly atMs: number;
  readonly fromSeq: number;
  /** The epoch of the checkpoint that it went on from; 0 for the beginning. */
  readonly fromEpoch: number;
  /** Since the event before. */
  readonly awayMs: number;
}

/** How many evaluations ended how; `unfinished` have no end in the record. */
export interface CountsTold extends EvaluationCounts {
  readonly unfinished: number;
}

export interface EvaluationsTold extends Bounded<EvaluationTold> {
  readonly counts: CountsTold;
  readonly byName: readonly EvaluationsOfName[];
}

export interface EvaluationsOfName {
  readonly name: string;
  readonly counts: CountsTold;
  /** Of the completed. */
  readonly medianWallMs: number | null;
  readonly longestWallMs: number | null;
  /** Of all that began. */
  readonly peakMemoryMb: number | null;
}

/** `running` and `waiting` have no end in the record. */
export type EvaluationState = 'completed' | 'violated' | 'failed' | 'cancelled' | 'skipped' | 'running' | 'waiting';

export interface EvaluationTold {
  readonly evaluationId: string;
  readonly name: string;
  readonly epoch: number;
  readonly step: number;
  readonly state: EvaluationState;
  readonly requestedMs: number;
  readonly startedMs: number | null;
  /** When it was skipped, or nothing of it was left. */
  readonly endedMs: number | null;
  /** How long it worked. */
  readonly wallMs: number | null;
  readonly peakMemoryMb: number | null;
  readonly trainingImpactPercent: number | null;
  /** Of a completed one, its numbers. */
  readonly result: readonly Figure[];
  /** Why it did not complete. */
  readonly why: string | null;
}

/** A number by its name; an estimate has the ends of its interval beside it, `null` on a side without one. */
export interface Figure {
  readonly name: string;
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
}

/** Values at epochs, as columns of one length. */
export interface Curve {
  readonly name: string;
  /** Whose results they are; metrics have none. */
  readonly evaluation?: string;
  readonly epochs: readonly number[];
  /** `null` where there was no number: unmeasured, NaN or infinite. */
  readonly values: readonly (number | null)[];
  /** Of estimates, the ends of their intervals. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
  /** How many values there were; where these are fewer, they are the least and the greatest of each stretch. */
  readonly of: number;
  /** How many of them were NaN or infinite. */
  readonly notFinite: number;
}

/** Steps a second, by the trainer's summaries, as columns of one length. */
export interface StepRate {
  readonly atMs: readonly number[];
  readonly perSecond: readonly number[];
  readonly of: number;
}

export interface ViolationTold {
  readonly violation: Violation;
  readonly name: string | null;
  readonly epoch: number | null;
  readonly observedMs: number;
  /** When the rule was kept again, of rules that do not end the evaluation. */
  readonly recoveredMs: number | null;
  readonly samples: SamplesTold;
}

/** What was sampled of an evaluation up to a violation, as columns of one length; `atMs` counts from the run's start. */
export interface SamplesTold {
  readonly atMs: readonly number[];
  readonly memoryMb: readonly (number | null)[];
  readonly cpuPercent: readonly (number | null)[];
  readonly gpuUtilizationPercent: readonly (number | null)[];
  readonly gpuMemoryMb: readonly (number | null)[];
  readonly of: number;
}

export interface BreakerTold {
  readonly name: string;
  readonly transitions: Bounded<TransitionTold>;
}

export interface TransitionTold {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export interface CheckpointTold extends CheckpointRef {
  readonly atMs: number;
  readonly epoch: number;
  readonly step: number | null;
}

/** What went wrong beside the evaluations, each kind once. */
export interface Trouble {
  readonly errors: readonly { readonly callback: string; readonly count: number; readonly message: string }[];
  readonly slow: readonly { readonly callback: string; readonly count: number; readonly longestMs: number }[];
  readonly dropped: readonly { readonly what: string; readonly count: number }[];
  readonly unmeasured: readonly RuleTold[];
  readonly unenforceable: readonly RuleTold[];
  /** A sentence about a last line that was never written to its end. */
  readonly torn: string | null;
}

export interface RuleTold {
  readonly rule: string;
  readonly why: string;
}
