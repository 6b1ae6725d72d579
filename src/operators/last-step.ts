import type { RunEvent } from '../events/index.ts';

/** The latest step of the run after `event`. The steps of `evaluation:*` are those of their subjects, and tell nothing. */
export function lastStep(step: number, event: RunEvent): number {
  const tells =
    event.type === 'step' || event.type === 'step:summary' || event.type === 'checkpoint' || event.type === 'epoch:end';
  return tells ? Math.max(step, event.step ?? 0) : step;
}
