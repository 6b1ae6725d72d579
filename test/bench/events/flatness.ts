import { heldIf } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { rounded } from '../statistics.ts';
import { steps } from './emitters.ts';

/** What the heap's own bookkeeping may come to; a byte an event would be a megabyte. */
const slackMb = 0.5;

export const flatness: OwnMeasurement = {
  title: 'A million events',
  how: 'Steps told to ten callbacks, without a journal; the heap after a collection, and the timers and handles of the process.',
  measure: async ({ quick }) => {
    const events = quick ? 200_000 : 1_000_000;
    const { emit, listen, end } = steps();
    for (let listener = 0; listener < 10; listener++) listen(() => undefined);
    await emit(events / 10);
    const before = state();
    await emit(events);
    const after = state();
    await end?.();
    const grownMb = after.heapMb - before.heapMb;
    const grown = after.resources - before.resources;
    return {
      rows: [
        {
          what: `after ${events} events`,
          who: 'pitwall',
          figure: `${rounded(grownMb)} MB of heap, ${grown} timers and handles more`,
          target: heldIf(grownMb < slackMb && grown <= 0, 'flat'),
        },
      ],
    };
  },
};

function state(): { readonly heapMb: number; readonly resources: number } {
  globalThis.gc?.();
  return {
    heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    resources: process.getActiveResourcesInfo().length,
  };
}
