import type { EventBody, EventOf } from '../events/index.ts';

/** The fields of every `evaluation:*` event. */
export type Subject = Pick<EventOf<'evaluation:requested'>, 'evaluationId' | 'name' | 'epoch' | 'step'>;

/** An evaluation of which nobody is left to tell more than its run's events do. */
export interface UntoldEvaluation extends Subject {
  /** As its start has told it; missing or `null` where it has not begun, and nobody knows for how long it has waited. */
  readonly queuedMs?: number | null;
}

/** The end of an evaluation of which nobody is left to tell more: it is cancelled, and what it used is not known. */
export function untoldEnd(
  { evaluationId, name, epoch, step, queuedMs = null }: UntoldEvaluation,
  { code, message }: { readonly code: string; readonly message: string },
): EventBody {
  return {
    type: 'evaluation:end',
    evaluationId,
    name,
    epoch,
    step,
    status: 'cancelled',
    items: { done: 0 },
    error: { code, kind: 'cancelled', message },
    usage: {
      wallMs: null,
      cpuMs: null,
      cpuShare: null,
      peakMemoryMb: null,
      startMs: null,
      pausedMs: null,
      queuedMs,
      goneMs: null,
    },
  };
}
