export { afterMs } from './after-ms.ts';
export type { Clock } from './clock.ts';
export { clockOf, schedulerOf } from './bridges.ts';
export { systemClock } from './system-clock.ts';
