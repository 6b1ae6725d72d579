import type { RunEvent } from '../events/index.ts';

/** The code of an evaluation that ended with the process that held its run. */
export const hostLostCode = 'HOST_LOST';

/** Whether an event tells that an evaluation was lost with the process that held its run. */
export function hostLost(event: RunEvent): boolean {
  return event.type === 'evaluation:end' && event.error?.code === hostLostCode;
}
