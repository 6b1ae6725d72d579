// Rules that only warn, and a safeguard of one's own that comes before them.
import { evaluation, maxItemTime, maxMemory, noProgressFor } from 'pitwall';

export const warned = evaluation<object, unknown>({
  name: 'warned',
  every: 1,
  module: new URL('./is-never-loaded.mjs', import.meta.url),
  input: () => ({}),
  sla: {
    evaluationTimeMs: { limit: 250, action: 'warn' },
    itemTimeMs: { limit: 250, action: 'warn' },
    memoryMb: { limit: 150, action: 'warn' },
    cpuPercent: { limit: 1, sustainMs: 0, action: 'warn' },
  },
});

/** Warned early, ended at the whole. */
export const early = evaluation<object, unknown>({
  name: 'early',
  every: 1,
  module: new URL('./is-never-loaded.mjs', import.meta.url),
  input: () => ({}),
  sla: { memoryMb: 250, itemTimeMs: 10_000 },
  safeguards: [maxMemory(120, { action: 'warn' }), maxItemTime(100, { action: 'warn' })],
});

export const guarded = evaluation<object, unknown>({
  name: 'guarded',
  every: 1,
  module: new URL('./is-never-loaded.mjs', import.meta.url),
  input: () => ({}),
  safeguards: [noProgressFor(100)],
});
