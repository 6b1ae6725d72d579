import type { JournalledEvent } from '../events/index.ts';

const urgentTypes = new Set(['evaluation:end', 'breaker:transition', 'epoch:end', 'checkpoint', 'training:end']);

/**
 * Whether an event must be on the disk as soon as can be: results, violations, transitions, and whatever a run can go on from.
 * All others follow with the next such, or within a second.
 */
export function isUrgent({ type }: Pick<JournalledEvent, 'type'>): boolean {
  return urgentTypes.has(type) || type.startsWith('sla:') || type.startsWith('run:');
}
