import { defer, filter, map, type OperatorFunction } from 'rxjs';
import type { EventOf, RunEvent } from '../events/index.ts';
import { crossed } from './crossed.ts';
import { fromOption } from './from-option.ts';
import { lastStep } from './last-step.ts';
import type { TriggerPoint } from './trigger.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * Fires at a step when a multiple of `n` was crossed since the step before.
 *
 *     events$           -4-9-12-35-36-|     (step, by its number)
 *     everySteps(10)    -----12-35----|
 *
 * Steps may jump: what was jumped over fires once. Completes and errors with its source.
 *
 * @param n a whole number from 1 on
 * @param options `from`: the last step before this one looks: where it joins a run that goes on; 0 by default
 * @throws {ConfigurationError} one sentence about the first mistake.
 */
export function everySteps(
  n: number,
  options: { readonly from?: number } = {},
): OperatorFunction<RunEvent, TriggerPoint> {
  const every = wholeNumber(n, 'everySteps(n)', 'everySteps(1000) fires after each 1000 steps');
  const from = fromOption(options, 'everySteps');
  return (events$) =>
    defer(() => {
      let last = from;
      return events$.pipe(
        filter((event): event is EventOf<'step'> => {
          // A journal has no steps: what it tells of them says how far they had come, and fires nothing.
          if (event.type !== 'step') last = lastStep(last, event);
          return event.type === 'step';
        }),
        filter(({ step }) => {
          const fires = crossed(every, last, step);
          last = Math.max(last, step);
          return fires;
        }),
        map(({ epoch, step, metrics }) => ({ epoch, step, ...(metrics && { metrics }) })),
      );
    });
}
