import { nearMatch } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import type { Desk } from './callback.ts';
import type { WatchedMetric } from './watched-metric.ts';

/**
 * Gives a function that looks, at the end of the first epoch, whether the evaluation that is watched is registered, and tells
 * `sla:unmeasured` where it is not: its name may be misspelt, and nothing would ever be judged.
 *
 * @param rule the callback's name
 */
export function missingEvaluationTeller(
  desk: Pick<Desk, 'publishOnce' | 'registered'>,
  { evaluation }: Pick<WatchedMetric, 'evaluation'>,
  rule: string,
): (event: RunEvent, isLive: boolean) => void {
  let isDone = evaluation === undefined;
  return (event, isLive) => {
    if (isDone || !isLive || event.type !== 'epoch:end') return;
    isDone = true;
    const names = desk.registered?.() ?? [];
    if (evaluation === undefined || names.length === 0 || names.includes(evaluation)) return;
    const near = nearMatch(evaluation, names);
    const advice = near === undefined ? '' : `; did you mean "${near}"?`;
    const why = `no evaluation "${evaluation}" is registered at the end of epoch ${event.epoch}, so that there is nothing to judge${advice}`;
    desk.publishOnce({ type: 'sla:unmeasured', rule, why });
  };
}
