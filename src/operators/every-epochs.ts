import type { OperatorFunction } from 'rxjs';
import type { RunEvent } from '../events/index.ts';
import { crossed } from './crossed.ts';
import { epochEnds } from './epoch-ends.ts';
import { fromOption } from './from-option.ts';
import type { TriggerPoint } from './trigger.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * Fires at the end of an epoch when a multiple of `n` was crossed since the epoch before.
 *
 *     events$          -1-2-3-6-7-|     (epoch:end, by its epoch)
 *     everyEpochs(2)   ---2---6---|
 *
 * Epochs may jump: what was jumped over fires once. An interrupted epoch has not ended. Completes and errors with its source.
 *
 * @param n a whole number from 1 on
 * @param options `from`: the epoch that had ended before this one looks: where it joins a run that goes on; 0 by default
 * @throws {ConfigurationError} one sentence about the first mistake.
 *
 * @example
 * evaluation({ name: 'vs-random', when: everyEpochs(5), module, input });
 */
export function everyEpochs(
  n: number,
  options: { readonly from?: number } = {},
): OperatorFunction<RunEvent, TriggerPoint> {
  const every = wholeNumber(n, 'everyEpochs(n)', 'everyEpochs(5) fires after each 5 epochs');
  const from = fromOption(options, 'everyEpochs');
  return (events$) => epochEnds(events$, { from, fires: (last, epoch) => crossed(every, last, epoch) });
}
