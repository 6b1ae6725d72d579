import { CircuitBreaker } from 'pitwall';
import { heldIf, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { rounded } from '../statistics.ts';

const perMillion = 1_000_000;
/** What the heap's own bookkeeping may come to; a byte a call would be ten times as much. */
const slackMb = 1;

export const flatness: OwnMeasurement = {
  title: 'Ten million calls',
  how: 'Permits acquired and told, one in ten as failed, with a window by count and one by time; the heap after a collection, and the time of the last million calls against that of the second.',
  measure: ({ quick }) => ({
    rows: [
      ...rowsOf('a window of 10 calls', new CircuitBreaker({ failureRateThreshold: 100 }), quick),
      ...rowsOf(
        'a window of 10 s',
        new CircuitBreaker({ failureRateThreshold: 100, slidingWindow: { type: 'time', sizeMs: 10_000 } }),
        quick,
      ),
    ],
  }),
};

function rowsOf(window: string, breaker: CircuitBreaker, quick: boolean): Row[] {
  const millions = quick ? 2 : 10;
  const error = new Error('down');
  const times: number[] = [];
  let firstMb = 0;
  for (let million = 0; million < millions; million++) {
    const beganMs = performance.now();
    for (let count = 0; count < perMillion; count++) {
      const permit = breaker.tryAcquire();
      if (count % 10 === 0) permit?.failure(error);
      else permit?.success();
    }
    times.push(performance.now() - beganMs);
    if (million === 0) firstMb = heapMb();
  }
  const grownMb = heapMb() - firstMb;
  if (breaker.state !== 'closed') throw new Error(`The breaker is ${breaker.state}, so the calls were not admitted.`);
  return [
    {
      what: `heap after ${millions} million calls`,
      who: `pitwall, ${window}`,
      figure: `${rounded(grownMb)} MB more than after the first`,
      target: heldIf(grownMb < slackMb, 'flat'),
    },
    {
      what: 'a permit, acquired and told',
      who: `pitwall, ${window}`,
      figure: `${rounded(times.at(-1) ?? NaN)} ns in the last million, ${rounded(times[1] ?? NaN)} ns in the second`,
    },
  ];
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
