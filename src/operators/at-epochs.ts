import type { OperatorFunction } from 'rxjs';
import { ConfigurationError, told } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { epochEnds } from './epoch-ends.ts';
import type { TriggerPoint } from './trigger.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * Fires at the end of each of the given epochs.
 *
 *     events$            -1-2-3-4-9-|     (epoch:end, by its epoch)
 *     atEpochs([3, 7])   -----3---9-|
 *
 * Where epochs jump over a given one, the next to end fires; several that were jumped over fire once. An interrupted epoch has
 * not ended. Completes and errors with its source.
 *
 * @param epochs whole numbers from 1 on, in any order
 * @throws {ConfigurationError} when the list is empty or holds something else.
 */
export function atEpochs(epochs: readonly number[]): OperatorFunction<RunEvent, TriggerPoint> {
  if (!Array.isArray(epochs) || epochs.length === 0) {
    throw new ConfigurationError(
      `atEpochs(epochs) takes a list of at least one epoch, but ${told(epochs)} came: atEpochs([3, 7]) fires after epochs 3 and 7`,
    );
  }
  const wanted = epochs.map((epoch) =>
    wholeNumber(epoch, 'atEpochs(epochs), at each place of its list,', 'atEpochs([3, 7]) fires after epochs 3 and 7'),
  );
  return (events$) =>
    epochEnds(events$, { from: 0, fires: (last, epoch) => wanted.some((at) => last < at && at <= epoch) });
}
