import { concatMap, defer, filter, type ObservableInput, type ObservedValueOf, type OperatorFunction } from 'rxjs';
import { wholeNumber } from './whole-number.ts';

export interface BoundedBufferOptions<T> {
  /** How many values may wait while one is worked on: a whole number from 1 on. */
  readonly size: number;
  /** Told of each value that found no room, with how many that makes. */
  readonly onDropped?: (value: T, droppedSoFar: number) => void;
}

/**
 * Works on one value at a time, as `concatMap` does, with a bounded queue before it: what finds no room is dropped and told.
 *
 *     source$                         -abcd------|
 *     project                          x---y|          (takes 5 frames each)
 *     boundedBuffer(…, { size: 1 })   -x---yx---y|     (a, b; c and d are dropped)
 *
 * Completes when the source has completed and the queue is empty; the error of the source or of an inner ends it at once, and
 * so does what `project` or `onDropped` throws.
 *
 * @throws {ConfigurationError} when `size` is not a whole number from 1 on.
 */
export function boundedBuffer<T, Inner extends ObservableInput<unknown>>(
  project: (value: T) => Inner,
  { size, onDropped }: BoundedBufferOptions<T>,
): OperatorFunction<T, ObservedValueOf<Inner>> {
  wholeNumber(size, 'boundedBuffer({ size })', 'boundedBuffer(project, { size: 64 }) lets 64 values wait');
  return (source$) =>
    defer(() => {
      let waiting = 0;
      let dropped = 0;
      return source$.pipe(
        filter((value) => {
          if (waiting < size) {
            waiting++; // until concatMap takes it, which is at once when nothing is worked on
            return true;
          }
          onDropped?.(value, ++dropped);
          return false;
        }),
        concatMap((value) => {
          waiting--;
          return project(value);
        }),
      );
    });
}
