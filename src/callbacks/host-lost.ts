import type { RunEvent } from '../events/index.ts';

/** The code of an evaluation that ended with the process that held its run. */
export const hostLostCode = 'HOST_LOST';

/** Whether an event tells that an evaluation was lost with the process that held its run. */
export function hostLost(event: RunEvent): boolean {
  return event.type === 'evaluation:end' && event.error?.code === hostLostCode;
}

/** Whether an event tells that an evaluation came to nothing because the run was asked to stop: an end, or a skip. */
export function stoppedWithRun(event: RunEvent): boolean {
  return (event.type === 'evaluation:end' || event.type === 'evaluation:skipped') && event.stopped === true;
}

/** Whether an event tells that an evaluation came to nothing with its process, for either of these reasons. */
export function cutShort(event: RunEvent): boolean {
  return hostLost(event) || stoppedWithRun(event);
}
