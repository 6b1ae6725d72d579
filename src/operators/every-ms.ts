import {
  asyncScheduler,
  connect,
  defer,
  endWith,
  ignoreElements,
  map,
  repeat,
  takeUntil,
  takeWhile,
  tap,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { positiveNumber } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { afterMs } from '../clock/index.ts';
import { lastStep } from './last-step.ts';
import type { TriggerPoint } from './trigger.ts';

/**
 * Fires each `ms` milliseconds while the training goes on, with the epoch and step that it has come to.
 *
 *     events$       -1-----2----3---E     (steps; E is training:end)
 *     everyMs(5)    -----1----2----3|
 *
 * Epoch and step are 0 until one is told; `metrics` are those of the last epoch that ended. Completes at `training:end` or with
 * its source, and errors with its source.
 *
 * @param ms a finite number above 0
 * @param scheduler the time; RxJS's asyncScheduler by default
 * @throws {ConfigurationError} when `ms` is something else.
 */
export function everyMs(
  ms: number,
  scheduler: SchedulerLike = asyncScheduler,
): OperatorFunction<RunEvent, TriggerPoint> {
  const periodMs = positiveNumber(ms, 'everyMs(ms) takes milliseconds', 'everyMs(600_000) fires each ten minutes');
  return (events$) =>
    defer(() => {
      let point: TriggerPoint = { epoch: 0, step: 0 };
      return events$.pipe(
        takeWhile((event) => event.type !== 'training:end'),
        tap((event) => (point = moved(point, event))),
        connect((live$) =>
          afterMs(periodMs, scheduler).pipe(
            repeat(),
            map(() => point),
            takeUntil(live$.pipe(ignoreElements(), endWith(0))),
          ),
        ),
      );
    });
}

/** An evaluation's events tell of its subject, not of where the training is. */
function moved(point: TriggerPoint, event: RunEvent): TriggerPoint {
  if (event.type === 'epoch:start') return { ...point, epoch: event.epoch };
  if (event.type === 'epoch:end' && event.interrupted !== true)
    return { ...point, epoch: event.epoch, metrics: event.metrics };
  if (event.type === 'step') return { ...point, epoch: event.epoch, step: event.step };
  return { ...point, step: lastStep(point.step, event) };
}
