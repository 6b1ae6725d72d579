import type { JournalledEvent } from '../events/index.ts';
import type { EvaluationSubject } from './evaluation-subject.ts';

/** An evaluation that was in flight when the process that held its run was gone. Its end is told with the code `HOST_LOST`. */
export interface LostEvaluation {
  readonly evaluationId: string;
  readonly name: string;
  /** With its checkpoint file only where that still holds what it held. */
  readonly subject: EvaluationSubject;
  /** How long it had waited when it began; `null` where nothing tells that it has. */
  readonly queuedMs: number | null;
}

/** What there is to know of a run that goes on where another process left it. */
export interface ResumedRun {
  /** What stands of its journal, in order. */
  readonly history: readonly JournalledEvent[];
  /** The training goes on after this event, epoch and step: those of the checkpoint; 0 for none. */
  readonly from: { readonly fromSeq: number; readonly epoch: number; readonly step: number };
  readonly lost: readonly LostEvaluation[];
  /** Lost before, and told so, by a process that was gone before it had asked for them again. */
  readonly lostBefore: readonly LostEvaluation[];
  /** Came to nothing because the run was asked to stop, and not asked for again since. */
  readonly stopped: readonly LostEvaluation[];
}
