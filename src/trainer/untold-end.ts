import type { EventBody, EventOf } from '../events/index.ts';

/** The fields of every `evaluation:*` event. */
export type Subject = Pick<EventOf<'evaluation:requested'>, 'evaluationId' | 'name' | 'epoch' | 'step'>;

/** The end of an evaluation of which nobody is left to tell more: it is cancelled, and what it used is not known. */
export function untoldEnd(
  { evaluationId, name, epoch, step }: Subject,
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
      wallMs: 0,
      cpuMs: null,
      cpuShare: null,
      peakMemoryMb: null,
      startMs: 0,
      pausedMs: 0,
      queuedMs: 0,
      goneMs: 0,
    },
  };
}
