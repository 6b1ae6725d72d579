import { hostLostCode, type LostEvaluation } from '../../callbacks/index.ts';
import type { EventBody } from '../../events/index.ts';
import { untoldEnd } from '../untold-end.ts';

/** The end of an evaluation that was in flight when the process of its run was gone. */
export function endOfLost({ evaluationId, name, subject: { epoch, step }, queuedMs }: LostEvaluation): EventBody {
  return untoldEnd(
    { evaluationId, name, epoch, step, queuedMs },
    { code: hostLostCode, message: `The process of the run was gone before "${name}" of epoch ${epoch} ended.` },
  );
}
