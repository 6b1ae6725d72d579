import type { CircuitBreakerOptions } from '../../breaker/index.ts';
import type { JournalledEvent } from '../../events/index.ts';
import type { JudgedRun, RecordedEvaluation, RecordedLimits, Sampling, Suggestion } from '../../replay/index.ts';
import type { SlaFile } from '../read-options.ts';

/** All that the command tells, before it is put in words or in JSON. */
export interface Replayed {
  readonly folder: string;
  readonly events: readonly JournalledEvent[];
  readonly torn: string | undefined;
  /** The evaluations that were asked for. */
  readonly recorded: readonly RecordedEvaluation[];
  readonly limits: RecordedLimits;
  /** `undefined`: those of the record. */
  readonly sla: SlaFile | undefined;
  readonly breaker: { readonly path: string; readonly options: CircuitBreakerOptions } | undefined;
  /** Not there where nothing was to be judged. */
  readonly judged: JudgedRun | undefined;
  readonly sampling: Sampling;
  readonly suggestions: readonly Suggestion[] | undefined;
}
