import type { DemoState } from './demo-state.ts';
import type { Mood } from './rogue.ts';

/** The rogue goes wrong in each way until it has been stopped for it, and behaves after that. */
export function moodOf({ violations }: Pick<DemoState, 'violations'>): Mood {
  const broken = new Set(violations.filter(({ name }) => name === 'rogue').map(({ violation }) => violation.rule));
  if (!broken.has('itemTimeMs')) return 'hang';
  return broken.has('memoryMb') ? 'behave' : 'eat';
}

/**
 * How long the rogue's breaker stays open: one and a half epochs as they are on this machine, so that a request is skipped and
 * one of the next ones is let through. Near the end it is short, so that the run still sees it close.
 */
export function openWaitMs({
  epochs,
  epochsEnded,
  lastEpochMs = 1000,
}: Pick<DemoState, 'epochs' | 'epochsEnded' | 'lastEpochMs'>): number {
  return lastEpochMs * (epochs - epochsEnded >= 3 ? 1.5 : 0.25);
}
