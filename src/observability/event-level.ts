import { scaleEventName, type JournalledEvent } from '../events/index.ts';

/** From what matters most to what matters least. */
export const eventLevels = ['error', 'warn', 'info', 'debug', 'silly'] as const;

/** How much an event matters to who reads along, in the words that winston has by default. */
export type EventLevel = (typeof eventLevels)[number];

/** Gives the level of an event, looking at nothing but its tag, status and name. A `step` has none: it is never logged. */
export function levelOf(event: JournalledEvent): EventLevel {
  switch (event.type) {
    case 'callback:error':
      return 'error';
    case 'run:end':
      return event.status === 'failed' ? 'error' : 'info';
    case 'evaluation:end':
      return event.status === 'violated' || event.status === 'failed' ? 'warn' : 'info';
    case 'breaker:transition':
      return event.to === 'open' || event.to === 'forced-open' ? 'warn' : 'info';
    case 'sla:violation':
    case 'sla:unmeasured':
    case 'sla:unenforceable':
    case 'callback:slow':
    case 'dropped':
      return 'warn';
    case 'run:start':
    case 'run:resume':
    case 'epoch:end':
    case 'checkpoint':
    case 'training:end':
    case 'evaluation:skipped':
    case 'sla:recovered':
      return 'info';
    case 'epoch:start':
    case 'evaluation:requested':
    case 'evaluation:start':
    case 'evaluation:progress':
      return 'debug';
    case 'custom':
      return event.name === scaleEventName ? 'info' : 'debug';
    case 'step:summary':
    case 'evaluation:sample':
      return 'silly';
  }
}
