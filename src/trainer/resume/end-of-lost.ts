import { hostLostCode, type LostEvaluation } from '../../callbacks/index.ts';
import type { EventBody } from '../../events/index.ts';

/** The end of an evaluation that nobody can tell more of: what it used and how far it came is not known. */
export function endOfLost({ evaluationId, name, subject: { epoch, step } }: LostEvaluation): EventBody {
  return {
    type: 'evaluation:end',
    evaluationId,
    name,
    epoch,
    step,
    status: 'cancelled',
    items: { done: 0 },
    error: {
      code: hostLostCode,
      kind: 'cancelled',
      message: `The process of the run was gone before "${name}" of epoch ${epoch} ended.`,
    },
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
