import type { Desk } from './callback.ts';
import type { Judged } from './judged-subjects.ts';
import { whyUnmeasured } from './watched-metric-words.ts';
import type { WatchedMetric } from './watched-metric.ts';

/**
 * Gives a function that tells `sla:unmeasured` of the first value that is no number, and of no other.
 *
 * @param rule the callback's name
 * @param consequence what becomes of such a value
 */
export function unmeasuredTeller(
  desk: Pick<Desk, 'publishOnce'>,
  watched: WatchedMetric,
  { rule, consequence }: { readonly rule: string; readonly consequence: string },
): (judged: Judged) => void {
  let isTold = false;
  return (judged) => {
    if (isTold) return;
    isTold = true;
    desk.publishOnce({ type: 'sla:unmeasured', rule, why: whyUnmeasured(watched, judged, consequence) });
  };
}
